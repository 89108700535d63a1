#include "sim/checkers/settled.h"

#include <fmt/format.h>

#include <set>

namespace kilonova::sim {
namespace {

constexpr std::string_view kName = "settled";

bool needs_guest(const RowState& row) { return row.vm_state == VmState::kActive || row.vm_state == VmState::kStopped; }

void check_rows(const Ledger& ledger, Violations& violations) {
  for (const auto& [uuid, row] : ledger.rows()) {
    std::string server = to_string(uuid);
    if (row.task_state != TaskState::kNone || row.vm_state == VmState::kBuilding) {
      violations.add(kName, fmt::format("server {} is not stable: {}", server, describe(row)));
      continue;
    }
    auto allocation = ledger.allocations().find(uuid);
    bool allocated = allocation != ledger.allocations().end();
    if (!needs_guest(row)) {
      if (allocated) violations.add(kName, fmt::format("server {} in ERROR has an allocation", server));
      continue;
    }
    auto guest = ledger.guests().find({uuid, row.host});
    if (guest == ledger.guests().end() || !guest->second.built || guest->second.placement.epoch != row.epoch)
      violations.add(kName, fmt::format("server {} has no guest: {}", server, describe(row)));
    if (guest != ledger.guests().end()) {
      PowerState wanted = row.vm_state == VmState::kActive ? PowerState::kRunning : PowerState::kShutdown;
      if (guest->second.power_state != wanted)
        violations.add(kName, fmt::format("server {} has a guest that is {}: {}", server,
                                          to_string(guest->second.power_state), describe(row)));
    }
    if (!allocated || allocation->second.host != row.host || allocation->second.epoch != row.epoch)
      violations.add(kName, fmt::format("server {} has no allocation of its own: {}", server, describe(row)));
    for (const Address& address : row.addresses) {
      auto lease = ledger.leases().find({uuid, address.nic});
      if (lease == ledger.leases().end() || lease->second.epoch != row.epoch ||
          lease->second.address.ip != address.ip || lease->second.address.mac != address.mac)
        violations.add(
            kName, fmt::format("server {} says it has {}, which is not leased to it", server, to_string(address.ip)));
    }
    if (row.addresses.empty()) violations.add(kName, fmt::format("server {} has no address", server));
  }
}

void check_owners(const Ledger& ledger, Violations& violations) {
  auto owned = [&](const PlacementId& placement) {
    const RowState* row = ledger.row(placement.instance);
    return row != nullptr && row->epoch == placement.epoch && needs_guest(*row);
  };
  for (const auto& [key, guest] : ledger.guests())
    if (!owned(guest.placement) || ledger.row(key.first)->host != guest.host)
      violations.add(kName, fmt::format("host {} has a guest of epoch {} of server {} that nobody owns", guest.host,
                                        guest.placement.epoch, to_string(key.first)));
  for (const auto& [key, lease] : ledger.leases())
    if (!owned({lease.instance, lease.epoch}))
      violations.add(kName, fmt::format("{} is leased to epoch {} of server {}, which is not there",
                                        to_string(lease.address.ip), lease.epoch, to_string(lease.instance)));
  for (const auto& [uuid, allocation] : ledger.allocations())
    if (!owned({uuid, allocation.epoch}))
      violations.add(kName, fmt::format("host {} has an allocation of server {}, which is not there", allocation.host,
                                        to_string(uuid)));
}

void check_daemons(const SimCloud& cloud, Violations& violations) {
  size_t guests = 0;
  for (const auto& node : cloud.computes()) {
    compute::ComputeCounters counters = node->core()->counters();
    guests += counters.guests;
    size_t unfinished = counters.building + counters.unanswered_reports + counters.unconfirmed_releases +
                        counters.image_downloads + counters.network_calls + counters.build_slots_taken;
    if (unfinished != 0)
      violations.add(kName,
                     fmt::format("{} still has {} builds, {} reports, {} releases, {} downloads, {} calls",
                                 to_string(node->id()), counters.building, counters.unanswered_reports,
                                 counters.unconfirmed_releases, counters.image_downloads, counters.network_calls));
    if (counters.claims != counters.guests)
      violations.add(kName, fmt::format("{} has {} guests and {} claims", to_string(node->id()), counters.guests,
                                        counters.claims));
  }
  if (guests != cloud.ledger().guests().size())
    violations.add(kName, fmt::format("compute processes know of {} guests, their journals of {}", guests,
                                      cloud.ledger().guests().size()));
  for (const auto& node : cloud.schedulers())
    if (size_t debits = node->core()->core_state().hosts.debit_count(); debits != 0)
      violations.add(kName, fmt::format("{} still has {} debits", to_string(node->id()), debits));
  const controller::ControllerCore* controller = cloud.controller().core();
  if (controller->instances().size() != cloud.ledger().rows().size())
    violations.add(kName, fmt::format("the controller knows {} servers, its store {}", controller->instances().size(),
                                      cloud.ledger().rows().size()));
  if (controller->allocations().size() != cloud.ledger().allocations().size())
    violations.add(kName, fmt::format("the controller knows {} allocations, its store {}",
                                      controller->allocations().size(), cloud.ledger().allocations().size()));
  std::set<Uuid> holders;
  for (const auto& [key, lease] : cloud.ledger().leases()) holders.insert(key.first);
  if (size_t held = cloud.network_controller().core()->core_state().holdings.size(); held != holders.size())
    violations.add(
        kName, fmt::format("the network-controller knows {} holders of addresses, its store {}", held, holders.size()));
}

// What each scheduler believes of a host is what the host has.
void check_usage(const SimCloud& cloud, Violations& violations) {
  for (const auto& scheduler : cloud.schedulers()) {
    const scheduler::HostManager& hosts = scheduler->core()->core_state().hosts;
    for (const auto& node : cloud.computes()) {
      for (const HostInfo& info : node->hosts()) {
        auto index = hosts.find(info.name);
        if (!index || !hosts.host(*index).is_candidate()) {
          violations.add(kName, fmt::format("{} does not know host {}", to_string(scheduler->id()), info.name));
          continue;
        }
        const scheduler::HostState& state = hosts.host(*index);
        if (state.used() != node->core()->usage(info.name)->used)
          violations.add(kName, fmt::format("{} believes that {} uses {} vcpus, it uses {}", to_string(scheduler->id()),
                                            info.name, state.used().vcpus, node->core()->usage(info.name)->used.vcpus));
      }
    }
  }
}

}  // namespace

void check_settled(const SimCloud& cloud, Violations& violations) {
  if (cloud.controller().core() == nullptr) {
    violations.add(kName, "the controller does not serve");
    return;
  }
  check_rows(cloud.ledger(), violations);
  check_owners(cloud.ledger(), violations);
  check_daemons(cloud, violations);
  check_usage(cloud, violations);
}

}  // namespace kilonova::sim
