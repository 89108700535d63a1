#include "controller/core/lost_addresses.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/sometimes.h"
#include "controller/core/transitions.h"

namespace kilonova::controller {
namespace {

bool is_held(const Instance& row, const OwnershipQuery& query) {
  auto held = std::ranges::equal_range(query.held, row.uuid, {}, &PlacementId::instance);
  for (auto at = held.begin(); at != held.end(); ++at) {
    const auto i = static_cast<size_t>(at - query.held.begin());
    if (at->epoch == row.current.epoch && i < query.digests.size() &&
        query.digests[i] == digest_of(row.current.addresses))
      return true;
  }
  return false;
}

// A server that moves has its addresses for both placements once the second has asked for them.
void add_leases(const Instance& row, std::vector<Lease>& leases) {
  const bool is_shared = row.other && !row.other->addresses.empty();
  const uint64_t other = is_shared ? row.other->epoch : 0;
  for (const Address& address : row.current.addresses)
    leases.push_back({row.uuid, std::max(row.current.epoch, other), row.hostname, address,
                      is_shared ? std::min(row.current.epoch, other) : 0});
}

}  // namespace

void LostAddresses::start() {
  if (world_.instances.addresses_are_unique()) return;
  for (const Instance* row : world_.instances.with_addresses({}, {}))
    if (!why_not(*row).empty()) world_.flows.spawn(give_up(row->uuid));
}

void LostAddresses::compare(const OwnershipQuery& query, OwnershipAnswer& answer) {
  if (!query.is_range) return;
  for (const Instance* row : world_.instances.with_addresses(query.after, query.through)) {
    if (!why_not(*row).empty()) {
      world_.flows.spawn(give_up(row->uuid));
    } else if (!is_held(*row, query) && !world_.changing_nics.contains(row->uuid)) {
      if (answer.leases.size() >= kLeasesLearntAtOnce) break;
      KN_SOMETIMES("controller: the network-controller lacks a server's lease");
      add_leases(*row, answer.leases);
    }
  }
}

bool LostAddresses::has_too_much(const Instance& row, const OwnershipQuery& query, const PlacementId& held) const {
  if (!query.is_range || !row.current.addresses.empty() || row.current.epoch != held.epoch) return false;
  if (row.task_state != TaskState::kNone || row.move || !has_guest(row.vm_state, row.current.host)) return false;
  const auto i = static_cast<size_t>(&held - query.held.data());
  return i < query.digests.size() && query.digests[i] != 0 && !world_.changing_nics.contains(row.uuid);
}

std::string LostAddresses::why_not(const Instance& row) const {
  const Instance* other = world_.instances.other_with(row.uuid, row.current.addresses);
  if (other != nullptr && other->id < row.id)
    return fmt::format("An address of instance {} is that of instance {}.", to_string(row.uuid),
                       to_string(other->uuid));
  if (!world_.records.networks_heard) return "";
  for (const Address& address : row.current.addresses)
    if (!world_.records.networks.contains(address.network_id))
      return fmt::format("The network of address {} of instance {} was lost.", to_string(address.ip),
                         to_string(row.uuid));
  return "";
}

Task<> LostAddresses::give_up(Uuid instance) {
  auto lock = co_await world_.instance_locks.acquire(instance);
  const Instance* row = world_.instances.find(instance);
  if (row == nullptr || row->task_state != TaskState::kNone || row->move) co_return;
  if (!has_guest(row->vm_state, row->current.host)) co_return;
  std::string why = why_not(*row);
  if (why.empty()) co_return;
  world_.log.event(LogLevel::kError, "a server loses its addresses", {{"instance", to_string(instance)}, {"why", why}});
  Instance next = *row;
  apply_addresses_lost(next, std::move(why), world_.loop.wall_now());
  co_await world_.rows.commit(std::move(next), {});
}

}  // namespace kilonova::controller
