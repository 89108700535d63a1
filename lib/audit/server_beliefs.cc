// What rows say, against guests, allocations and leases.
#include <fmt/format.h>

#include <set>
#include <tuple>

#include "audit/comparison.h"
#include "domain/beliefs.h"

namespace kilonova::audit {
namespace {

std::string text_of(const HeldAddress& address) {
  return fmt::format("{} with {}", to_string(address.ip), to_string(address.mac));
}

}  // namespace

void Comparison::compare_servers() {
  for (const auto& [server, row] : rows_)
    if (at_rest(server)) compare_row(*row);
  for (const auto& [server, guests] : guests_)
    if (at_rest(server)) find_server_twice(server, guests);
  find_orphans();
  find_shared_addresses();
  find_addresses_of_two_rows();
}

void Comparison::compare_row(const ServerBelief& row) {
  compare_guests(row);
  compare_allocation(row);
  if (leases_told_) compare_leases(row);
}

void Comparison::compare_guests(const ServerBelief& row) {
  bool found = false;
  auto guests = guests_.find(row.uuid);
  if (guests != guests_.end()) {
    for (const GuestOn& on : guests->second) {
      const GuestBelief& guest = *on.guest;
      if (is_of_next(row, guest.epoch) && guest.host == row.next->host) continue;
      if (!needs_guest(row)) {
        add(Kind::kGuestOrphan, row.uuid, guest.host,
            fmt::format("{} has a guest of {} (epoch {}), which is {}", guest.host, name_of(row), guest.epoch,
                        state_of(row)));
      } else if (guest.host != row.host) {
        add(Kind::kGuestElsewhere, row.uuid, guest.host,
            fmt::format("{} has a guest of {} (epoch {}), which is {}", guest.host, name_of(row), guest.epoch,
                        state_of(row)));
      } else {
        found = true;
        compare_own_guest(row, guest);
      }
    }
  }
  // One that waits to be confirmed, and says itself that its guest was lost: its user has its old host to go back to.
  const bool is_known = row.vm_state == VmState::kResized && row.next && row.power_state == PowerState::kNoState;
  if (needs_guest(row) && !found && !is_known && can_judge_host(row.host))
    add(Kind::kGuestMissing, row.uuid, row.host,
        fmt::format("{} is {}; there is no guest of it", name_of(row), state_of(row)));
}

void Comparison::compare_own_guest(const ServerBelief& row, const GuestBelief& guest) {
  if (guest.epoch != row.epoch) {
    add(Kind::kGuestStale, row.uuid, row.host,
        fmt::format("{} has a guest of epoch {} of {}, which is {}", row.host, guest.epoch, name_of(row),
                    state_of(row)));
    return;
  }
  if (!guest.built)
    add(Kind::kGuestUnfinished, row.uuid, row.host,
        fmt::format("{} is {}; its guest was never finished", name_of(row), state_of(row)));
  if (guest.resources != row.resources)
    add(Kind::kGuestDiffers, row.uuid, row.host,
        fmt::format("the guest of {} on {} takes {}; its flavor says {}", name_of(row), row.host,
                    audit::text_of(guest.resources), audit::text_of(row.resources)));
  if (is_to_be_stopped(row.vm_state, row.power_state) || guest.power_state != row.power_state)
    add(Kind::kPowerState, row.uuid, row.host,
        fmt::format("{} is {} with power state {}; its guest is {}", name_of(row), state_of(row),
                    to_string(row.power_state), to_string(guest.power_state)));
}

void Comparison::compare_allocation(const ServerBelief& row) {
  bool found = false;
  for (auto it = allocations_.lower_bound({row.uuid, 0}); it != allocations_.end() && it->first.instance == row.uuid;
       ++it) {
    const Allocation& allocation = *it->second;
    if (is_of_next(row, allocation.epoch) && allocation.host == row.next->host) continue;
    found = true;
    if (!needs_guest(row)) {
      add(Kind::kAllocationOrphan, row.uuid, allocation.host,
          fmt::format("{} is allocated on {} for {}, which is {}", audit::text_of(allocation.resources),
                      allocation.host, name_of(row), state_of(row)));
    } else if (std::tie(allocation.host, allocation.epoch, allocation.resources) !=
               std::tie(row.host, row.epoch, row.resources)) {
      add(Kind::kAllocationDiffers, row.uuid, allocation.host,
          fmt::format("{} on {} is allocated for epoch {} of {}, which is {} and takes {}",
                      audit::text_of(allocation.resources), allocation.host, allocation.epoch, name_of(row),
                      state_of(row), audit::text_of(row.resources)));
    }
  }
  if (!found && needs_guest(row))
    add(Kind::kAllocationMissing, row.uuid, row.host,
        fmt::format("{} is {}, without an allocation", name_of(row), state_of(row)));
}

void Comparison::compare_leases(const ServerBelief& row) {
  static const std::vector<const LeaseBelief*> kNone;
  auto found = leases_.find(row.uuid);
  const auto& leases = found == leases_.end() ? kNone : found->second;
  std::set<uint32_t> nics;
  for (const LeaseBelief* lease : leases) {
    const HeldAddress* own = nullptr;
    for (const HeldAddress& address : row.addresses)
      if (address.nic == lease->address.nic) own = &address;
    // What was shelved has left its host and kept its addresses.
    if (own == nullptr || (!needs_guest(row) && row.vm_state != VmState::kShelvedOffloaded)) {
      add(Kind::kLeaseOrphan, row.uuid, row.host,
          fmt::format("{} is leased to epoch {} of {}, which is {} and does not have it", text_of(lease->address),
                      lease->epoch, name_of(row), state_of(row)));
      continue;
    }
    nics.insert(own->nic);
    const auto is_of_row = [&](uint64_t epoch) { return epoch == row.epoch || is_of_next(row, epoch); };
    if (*own != lease->address || !is_of_row(lease->epoch) ||
        (lease->shared_with != 0 && !is_of_row(lease->shared_with)))
      add(Kind::kLeaseDiffers, row.uuid, row.host,
          fmt::format("{} is leased to epoch {} of {}, which is {} and says it has {}", text_of(lease->address),
                      lease->epoch, name_of(row), state_of(row), text_of(*own)));
  }
  if (!needs_guest(row)) return;
  for (const HeldAddress& address : row.addresses)
    if (!nics.contains(address.nic))
      add(Kind::kLeaseMissing, row.uuid, row.host,
          fmt::format("{} says it has {}, which is not leased to it", name_of(row), text_of(address)));
  // One whose addresses a store has lost is in ERROR, without any, until its user acts.
  const bool is_told = row.vm_state == VmState::kError && row.addresses.empty();
  if (row.addresses.size() < row.nics && !is_told)
    add(Kind::kAddressMissing, row.uuid, row.host,
        fmt::format("{} is {} with {} addresses for {} nics", name_of(row), state_of(row), row.addresses.size(),
                    row.nics));
}

void Comparison::find_orphans() {
  for (const auto& [server, guests] : guests_) {
    if (row_of(server) || !at_rest(server)) continue;
    for (const GuestOn& on : guests)
      add(Kind::kGuestOrphan, server, on.guest->host,
          fmt::format("{} has a guest of {} (epoch {}), which has no row", on.guest->host, name_of(server),
                      on.guest->epoch));
  }
  for (const auto& [placement, allocation] : allocations_)
    if (!row_of(placement.instance) && at_rest(placement.instance))
      add(Kind::kAllocationOrphan, placement.instance, allocation->host,
          fmt::format("{} is allocated on {} for {}, which has no row", audit::text_of(allocation->resources),
                      allocation->host, name_of(placement.instance)));
  for (const auto& [server, leases] : leases_) {
    if (row_of(server) || !at_rest(server)) continue;
    for (const LeaseBelief* lease : leases)
      add(Kind::kLeaseOrphan, server, "",
          fmt::format("{} is leased to epoch {} of {}, which has no row", text_of(lease->address), lease->epoch,
                      name_of(server)));
  }
}

void Comparison::find_shared_addresses() {
  std::map<std::pair<Uuid, Ipv4>, const LeaseBelief*> by_address;
  std::map<Mac, const LeaseBelief*> by_mac;
  for (const auto& [server, leases] : leases_) {
    for (const LeaseBelief* lease : leases) {
      const HeldAddress& held = lease->address;
      auto [address, new_address] = by_address.try_emplace({held.network_id, held.ip}, lease);
      if (!new_address && held.ip != Ipv4{})
        add(Kind::kAddressTwice, server, "",
            fmt::format("{} of network {} is leased to {} and to {}", to_string(held.ip), to_string(held.network_id),
                        name_of(address->second->instance), name_of(server)));
      auto [mac, new_mac] = by_mac.try_emplace(held.mac, lease);
      if (!new_mac)
        add(Kind::kMacTwice, server, "",
            fmt::format("MAC {} is leased to {} and to {}", to_string(held.mac), name_of(mac->second->instance),
                        name_of(server)));
    }
  }
}

void Comparison::find_addresses_of_two_rows() {
  std::map<std::pair<Uuid, Ipv4>, const ServerBelief*> by_address;
  std::map<Mac, const ServerBelief*> by_mac;
  for (const auto& [server, row] : rows_) {
    if (!at_rest(server) || !needs_guest(*row)) continue;
    for (const HeldAddress& held : row->addresses) {
      auto [address, new_address] = by_address.try_emplace({held.network_id, held.ip}, row);
      if (!new_address && held.ip != Ipv4{})
        add(Kind::kAddressTwice, server, row->host,
            fmt::format("{} and {} both say they have {} of network {}", name_of(*address->second), name_of(*row),
                        to_string(held.ip), to_string(held.network_id)));
      auto [mac, new_mac] = by_mac.try_emplace(held.mac, row);
      if (!new_mac)
        add(Kind::kMacTwice, server, row->host,
            fmt::format("{} and {} both say they have MAC {}", name_of(*mac->second), name_of(*row),
                        to_string(held.mac)));
    }
  }
}

void Comparison::find_server_twice(const Uuid& server, const std::vector<GuestOn>& guests) {
  const ServerBelief* row = row_of(server);
  std::set<std::string> hosts;
  for (const GuestOn& on : guests)
    if (!row || !is_of_next(*row, on.guest->epoch)) hosts.insert(on.guest->host);
  if (hosts.size() > 1)
    add(Kind::kServerTwice, server, "", fmt::format("{} has guests on {}", name_of(server), fmt::join(hosts, " and ")));
}

}  // namespace kilonova::audit
