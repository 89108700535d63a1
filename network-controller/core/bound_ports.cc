// What becomes of ports when servers get and lose them: a user's own port is unbound and stays, one that was made for its
// server goes. A binding is fenced as the holding that has it: by the server and its epoch.
#include <algorithm>
#include <utility>

#include "network-controller/core/network_core.h"

namespace kilonova::network {

// Those that the request names, and those that the server has, at whichever epoch.
std::vector<Uuid> NetworkCore::ports_of(const AllocateAddresses& request) const {
  std::vector<Uuid> found = ports_.of_device(to_string(request.placement.instance));
  for (const Uuid& id : request.networks)
    if (networks_.find(id) == nullptr) found.push_back(id);
  return found;
}

// Of all that the server has, without those of `kept`, which it has again. What its launch asks for stays the server's
// until that is gone, and not only a try of it.
NetworkCore::PortChanges NetworkCore::unbound(const Uuid& instance, const std::vector<NicReservation>& kept,
                                              bool server_is_gone) const {
  PortChanges changes;
  for (const Uuid& id : ports_.of_device(to_string(instance))) {
    const Port& port = *ports_.find(id);
    if (std::ranges::any_of(kept, [&](const NicReservation& one) { return one.nic.port_id == id; })) continue;
    if (port.goes_with_device && port.is_asked_for && !server_is_gone) continue;
    let_go(port, changes);
  }
  return changes;
}

void NetworkCore::let_go(const Port& port, PortChanges& changes) const {
  if (port.goes_with_device) {
    changes.erased.push_back(port);
    return;
  }
  Port freed = port;
  freed.device_id.clear();
  freed.device_owner.clear();
  freed.revision += 1;
  freed.updated_at = loop_.wall_now();
  changes.put.push_back(std::move(freed));
}

void NetworkCore::put_ports(const PortChanges& changes, NetworkTransaction& transaction) {
  for (const Port& port : changes.put) transaction.push_back(network_mutation::PutPort{port});
  for (const Port& port : changes.erased) transaction.push_back(network_mutation::ErasePort{port.id});
}

// They are committed.
void NetworkCore::take_port_changes(PortChanges changes) {
  for (Port& port : changes.put) ports_.put(std::move(port));
  for (const Port& port : changes.erased) forget_port(port);
}

}  // namespace kilonova::network
