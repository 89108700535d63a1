// What the network-controller believes, for audits: the addresses that servers hold, whole servers to a page.
#include "domain/beliefs.h"

#include <iterator>
#include <set>
#include <utility>

#include "network-controller/core/network_core.h"

namespace kilonova::network {

Expected<BeliefPage> NetworkCore::beliefs(const ReadBeliefs& request) const {
  if (auto valid = check_beliefs_request(transport_.self(), request); !valid) return std::unexpected(valid.error());
  const std::set<Uuid>& held = holdings_.holders();
  auto it = held.begin();
  if (!request.after.empty()) {
    std::optional<Uuid> after = parse_uuid(request.after);
    if (!after) return wrong_beliefs_position(request);
    it = held.upper_bound(*after);
  }
  BeliefPage page;
  for (; it != held.end(); ++it) {
    const Holding& holding = *holdings_.find(*it);
    // A server with more nics than a page has records gets a longer page.
    if (!page.leases.empty() && page.leases.size() + holding.nics.size() > request.limit) {
      page.next = to_string(*std::prev(it));
      break;
    }
    for (const HeldNic& nic : holding.nics)
      page.leases.push_back({*it, holding.epoch, {nic.nic, nic.network_id, nic.ip, nic.mac}, holding.shared_with});
  }
  return page;
}

}  // namespace kilonova::network
