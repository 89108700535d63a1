// A server that is there gets and loses interfaces: what its row has, the controller says, and this follows. Nova:
// nova/network/neutron.py allocate_for_instance, deallocate_port_for_instance, remove_fixed_ip_from_instance.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/sometimes.h"
#include "domain/ip_address.h"
#include "network-controller/core/network_core.h"
#include "network-controller/core/port_addresses.h"

namespace kilonova::network {
namespace {

Error stale(const PlacementId& placement) {
  return {ErrorCode::kConflict, fmt::format("stale: epoch {} of server {} was released or superseded", placement.epoch,
                                            to_string(placement.instance))};
}

bool is_ipv4(const FixedIp& fixed) { return parse_ipv4(fixed.ip).has_value(); }

// The port with this address as its first of IPv4; 0.0.0.0: with another one than it has. Nothing where it has none such.
std::optional<Port> with_first(Port port, Ipv4 wanted) {
  auto first = std::ranges::find_if(port.fixed_ips, is_ipv4);
  auto chosen = std::ranges::find_if(port.fixed_ips, [&](const FixedIp& fixed) {
    if (!is_ipv4(fixed)) return false;
    return wanted == Ipv4{} ? &fixed != &*first : fixed.ip == to_string(wanted);
  });
  if (chosen == port.fixed_ips.end()) return std::nullopt;
  std::rotate(first, chosen, std::next(chosen));
  port.revision += 1;
  return port;
}

}  // namespace

std::unexpected<Error> NetworkCore::lost(const Uuid& instance) {
  scope_->spawn(ask_for_owners());
  return fail(ErrorCode::kUnavailable,
              fmt::format("the addresses of instance {} were lost with an earlier state of the "
                          "store, and are being learnt again",
                          to_string(instance)));
}

LeaseList NetworkCore::leases_of(const Uuid& instance, const Holding& holding) {
  LeaseList list;
  for (const HeldNic& nic : holding.nics)
    list.leases.push_back({instance, holding.epoch, holding.hostname, address_of(nic), holding.shared_with});
  return list;
}

Task<Expected<LeaseList>> NetworkCore::handle(ChangeServerNics request, RequestContext) {
  const PlacementId placement = request.placement;
  auto lock = co_await locks_.acquire(placement.instance);
  const Holding* held = holdings_.find(placement.instance);
  const bool is_of_another = held != nullptr && !held->is_of(placement.epoch);
  if (holdings_.fence_epoch(placement.instance) > placement.epoch || (is_of_another && held->epoch > placement.epoch)) {
    KN_SOMETIMES("network: a change of interfaces is stale");
    co_return std::unexpected(stale(placement));
  }
  if (is_of_another) co_return lost(placement.instance);
  if (held != nullptr && held->last_change == request.change) {
    KN_SOMETIMES("network: a change of interfaces is a repeat");
    co_return leases_of(placement.instance, *held);
  }

  std::vector<Uuid> ports = ports_.of_device(to_string(placement.instance));
  if (!request.port.is_nil()) ports.push_back(request.port);
  auto port_locks = co_await lock_ports(std::move(ports));
  Expected<NicsPlan> plan = plan_nics(request);
  if (!plan && plan.error().code == ErrorCode::kUnavailable) {
    KN_SOMETIMES("network: an interface that is to be kept was lost");
    co_return lost(placement.instance);
  }
  if (!plan) co_return std::unexpected(plan.error());
  if (!request.network.is_nil() || !request.port.is_nil()) {
    Expected<NicReservation> added = reserve_added(request, plan->next);
    if (!added) co_return std::unexpected(added.error());
    added->nic.nic = 0;
    for (const HeldNic& nic : plan->next.nics) added->nic.nic = std::max(added->nic.nic, nic.nic + 1);
    added->nic.lease_expires_at = loop_.wall_now() + options_.lease_time;
    plan->next.nics.push_back(added->nic);
    if (added->port) plan->ports.put.push_back(*added->port);
    plan->added.emplace(*std::move(added));
  }
  NetworkTransaction transaction;
  if (held != nullptr) transaction.push_back(network_mutation::EraseLeases{placement.instance});
  put_ports(plan->ports, transaction);
  put_leases(placement.instance, plan->next, transaction);
  if (auto stored = co_await store_leases(std::move(transaction)); !stored) co_return std::unexpected(stored.error());

  free_addresses(plan->gone);
  if (plan->added) {
    plan->added->addresses.keep();
    if (plan->added->mac) plan->added->mac->keep();
  }
  for (const HeldNic& nic : plan->next.nics) note_holder(nic, placement.instance);
  if (plan->shrunk) {
    const Port& now = plan->ports.put.front();
    free_fixed_ips(*networks_.find(now.network_id), plan->shrunk->fixed_ips, now.fixed_ips);
  }
  take_port_changes(std::move(plan->ports));
  plan->next.last_change = request.change;
  plan->next.changed_at = heard_;
  LeaseList leases = leases_of(placement.instance, plan->next);
  holdings_.put(placement.instance, std::move(plan->next));
  co_return leases;
}

// What the server keeps of its nics, and what goes. kUnavailable where one that it is to keep is not held.
Expected<NetworkCore::NicsPlan> NetworkCore::plan_nics(const ChangeServerNics& request) const {
  const Holding* held = holdings_.find(request.placement.instance);
  NicsPlan plan;
  plan.next.epoch = held == nullptr ? request.placement.epoch : held->epoch;
  plan.next.shared_with = held == nullptr ? 0 : held->shared_with;
  plan.next.hostname = request.hostname;
  std::vector<HeldNic> left = held == nullptr ? std::vector<HeldNic>() : held->nics;
  const auto not_held = [] { return fail(ErrorCode::kUnavailable, "an interface is not held"); };
  for (const Address& kept : request.kept) {
    auto at = std::ranges::find_if(left, [&](const HeldNic& nic) {
      return nic.nic == kept.nic && nic.network_id == kept.network_id && nic.mac == kept.mac;
    });
    if (at == left.end()) return not_held();
    HeldNic nic = *at;
    left.erase(at);
    if (nic.ip != kept.ip) {
      const Port* port = nic.port_id.is_nil() ? nullptr : ports_.find(nic.port_id);
      std::optional<Port> turned = port == nullptr ? std::nullopt : with_first(*port, kept.ip);
      if (!turned && kept.ip != Ipv4{}) return not_held();
      if (!turned)
        return fail(
            ErrorCode::kInvalidArgument,
            fmt::format("{} is the only address of its interface: the interface can be taken away", to_string(nic.ip)));
      plan.gone.nics.push_back(
          {nic.network_id, nic.mac, nic.ip, nic.nic, {}, nic.port_id});  // not listed by it any more
      nic.ip = first_ipv4(*turned);
      turned->updated_at = loop_.wall_now();
      plan.ports.put.push_back(*std::move(turned));
    }
    plan.next.nics.push_back(nic);
  }
  for (const HeldNic& nic : left) {
    const Port* port = nic.port_id.is_nil() ? nullptr : ports_.find(nic.port_id);
    if (port != nullptr && port->id != request.port) let_go(*port, plan.ports);
    plan.gone.nics.push_back(nic);
  }
  if (request.network.is_nil() && !request.fixed_ip.empty())
    if (auto dropped = drop_fixed_ip(request, plan); !dropped) return std::unexpected(dropped.error());
  return plan;
}

// An address of one of its ports goes that is not the first of IPv4.
Expected<> NetworkCore::drop_fixed_ip(const ChangeServerNics& request, NicsPlan& plan) const {
  for (const HeldNic& nic : plan.next.nics) {
    const Port* port = nic.port_id.is_nil() ? nullptr : ports_.find(nic.port_id);
    if (port == nullptr || to_string(nic.ip) == request.fixed_ip) continue;
    Port less = *port;
    if (std::erase_if(less.fixed_ips, [&](const FixedIp& fixed) { return fixed.ip == request.fixed_ip; }) == 0)
      continue;
    less.revision += 1;
    less.updated_at = loop_.wall_now();
    plan.shrunk = *port;
    plan.ports.put.insert(plan.ports.put.begin(), std::move(less));
    return {};
  }
  return fail(ErrorCode::kInvalidArgument, fmt::format("Instance {} does not have fixed IP '{}'.",
                                                       to_string(request.placement.instance), request.fixed_ip));
}

Expected<NetworkCore::NicReservation> NetworkCore::reserve_added(const ChangeServerNics& request, const Holding& next) {
  if (next.nics.size() >= kMaxInterfacesPerServer)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the server has {} interfaces, as many as it may have", next.nics.size()));
  AllocateAddresses wanted;
  wanted.placement = request.placement;
  wanted.project_id = request.project_id;
  if (!request.port.is_nil()) {
    const Port* port = ports_.find(request.port);
    if (port == nullptr)
      return fail(ErrorCode::kNotFound, fmt::format("Port id {} could not be found.", to_string(request.port)));
    if (std::ranges::find(next.nics, port->id, &HeldNic::port_id) != next.nics.end())
      return fail(ErrorCode::kConflict, fmt::format("Port {} is still in use.", to_string(port->id)));
    return reserve_port(*port, wanted);
  }
  NetworkEntry* entry = networks_.find(request.network);
  if (entry == nullptr || entry->deleting)
    return fail(ErrorCode::kNotFound, fmt::format("Network {} could not be found.", to_string(request.network)));
  if (entry->subnets.empty())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("Network {} requires a subnet in order to boot instances on.", to_string(request.network)));
  return reserve_new_port(*entry, wanted, request.fixed_ip);
}

}  // namespace kilonova::network
