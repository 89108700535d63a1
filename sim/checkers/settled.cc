#include "sim/checkers/settled.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "audit/collect.h"
#include "domain/beliefs.h"
#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"

namespace kilonova::sim {
namespace {

constexpr std::string_view kName = "settled";

// Guests rather than rows: no server runs twice, and no two that run hold one address of a network, or one MAC.
void check_guests(const SimCloud& cloud, Violations& violations) {
  std::map<Uuid, std::string> running;
  std::map<std::pair<Uuid, uint64_t>, Uuid> holders;  // of an address of a network; of a MAC, of none
  for (const auto& [key, guest] : cloud.ledger().guests()) {
    if (guest.power_state != PowerState::kRunning) continue;
    const auto& [server, host] = key;
    if (auto [other, is_first] = running.try_emplace(server, host); !is_first)
      violations.add(kName, fmt::format("server {} runs on {} and on {}", to_string(server), other->second, host));
    const RowState* row = cloud.ledger().row(server);
    if (row == nullptr) continue;
    for (const Address& address : row->addresses)
      for (auto [thing, name] :
           {std::pair(std::pair(address.network_id, uint64_t{address.ip.value}), to_string(address.ip)),
            std::pair(std::pair(Uuid{}, address.mac.value), to_string(address.mac))})
        if (auto [other, is_first] = holders.try_emplace(thing, server); !is_first && other->second != server)
          violations.add(kName, fmt::format("the running servers {} and {} share {}", to_string(other->second),
                                            to_string(server), name));
  }
}

// Networks, images and key pairs are those of the stores, no more and no less.
void check_records(const SimCloud& cloud, Violations& violations) {
  std::array<std::set<std::string>, 3> known;
  auto add = [&](RecordKind kind, std::string id) { known[static_cast<size_t>(kind)].insert(std::move(id)); };
  const auto& records = cloud.controller().core()->records();
  for (const auto& [id, image] : records.of<Image>()) add(RecordKind::kImage, to_string(id));
  for (const auto& [key, key_pair] : records.of<KeyPair>()) add(RecordKind::kKeyPair, key_pair.name);
  for (const auto& [id, network] : cloud.network_controller().core()->core_state().networks.all())
    add(RecordKind::kNetwork, to_string(id));
  for (RecordKind kind : {RecordKind::kNetwork, RecordKind::kImage, RecordKind::kKeyPair})
    if (known[static_cast<size_t>(kind)] != cloud.ledger().records(kind))
      violations.add(kName, fmt::format("the daemon that has the {}s knows {}, its store {}", to_string(kind),
                                        known[static_cast<size_t>(kind)].size(), cloud.ledger().records(kind).size()));
}

// The audit asks the controller and the network-controller, which answer from memory: that has to be what their stores have.
void check_memory(const SimCloud& cloud, Violations& violations) {
  const controller::ControllerCore& controller = *cloud.controller().core();
  const Ledger& ledger = cloud.ledger();
  for (const auto& [uuid, row] : ledger.rows()) {
    if (row.task_state != TaskState::kNone || row.vm_state == VmState::kBuilding)
      violations.add(kName, fmt::format("server {} is not stable: {}", to_string(uuid), describe(row)));
    // Only a resized server may stay on two hosts.
    if (row.other.has_value() != (row.vm_state == VmState::kResized) || row.move.has_value() != row.other.has_value() ||
        (row.move && row.move->stage != MoveStage::kArrived))
      violations.add(kName, fmt::format("server {} is still on its way: {}", to_string(uuid), describe(row)));
    const Instance* known = controller.instances().find(uuid);
    if (known == nullptr ||
        std::tie(known->vm_state, known->task_state, known->current.epoch, known->operation, known->current.host,
                 known->current.addresses) !=
            std::tie(row.vm_state, row.task_state, row.epoch, row.operation, row.host, row.addresses))
      violations.add(kName, fmt::format("the controller does not know server {} as its store has it: {}",
                                        to_string(uuid), describe(row)));
  }
  for (const auto& [placement, allocation] : ledger.allocations()) {
    const Allocation* known = controller.allocations().find(placement);
    if (known == nullptr || known->host != allocation.host)
      violations.add(kName, fmt::format("the controller does not know the allocation of server {} on {}, epoch {}",
                                        to_string(placement.instance), allocation.host, placement.epoch));
  }
  for (const auto& [id, image] : controller.records().of<Image>())
    if (image.status != "active")
      violations.add(kName, fmt::format("image {} of server {} is still {}", to_string(id), to_string(image.server),
                                        image.status));
  check_records(cloud, violations);
  const network::Holdings& holdings = cloud.network_controller().core()->core_state().holdings;
  for (const auto& [key, lease] : ledger.leases()) {
    const network::Holding* known = holdings.find(key.first);
    if (known == nullptr || known->epoch != lease.epoch)
      violations.add(kName, fmt::format("the network-controller does not know the lease of {} to epoch {} of server {}",
                                        to_string(lease.address.ip), lease.epoch, to_string(key.first)));
  }
}

// All that `kilonova check` reads of the daemons of a real cloud, of these.
audit::Beliefs read_beliefs(const SimCloud& cloud) {
  audit::Beliefs beliefs;
  auto collect = [&](PeerId id, const auto* core) {
    auto told = audit::collect(id, [&](const ReadBeliefs& request) { return core->beliefs(request); });
    if (told) {
      beliefs.daemons.push_back(*std::move(told));
    } else {
      beliefs.silent.push_back({id, told.error().message});
    }
  };
  collect(cloud.controller().id(), cloud.controller().core());
  collect(cloud.network_controller().id(), cloud.network_controller().core());
  for (const auto& node : cloud.computes()) collect(node->id(), node->core());
  for (const auto& node : cloud.schedulers()) collect(node->id(), node->core());
  return beliefs;
}

void check_audit(const SimCloud& cloud, Violations& violations) {
  audit::Beliefs beliefs = read_beliefs(cloud);
  audit::Findings findings = audit::compare(beliefs);
  for (const audit::Discrepancy& found : findings.discrepancies)
    violations.add(kName, fmt::format("{}: {}", audit::to_string(found.kind), found.message));
  for (const audit::InMotion& server : findings.in_motion)
    violations.add(kName, fmt::format("server {} is still in motion: {}", to_string(server.server), server.what));
  for (const audit::SilentDaemon& daemon : beliefs.silent)
    violations.add(kName, fmt::format("{} did not say what it believes: {}", to_string(daemon.daemon), daemon.reason));
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
  // One whose last interface was taken away has no lease, and the answer to a repetition of that is kept.
  const network::Holdings& holdings = cloud.network_controller().core()->core_state().holdings;
  const auto held = std::ranges::count_if(
      holdings.holders(), [&](const Uuid& instance) { return !holdings.find(instance)->nics.empty(); });
  if (std::cmp_not_equal(held, holders.size()))
    violations.add(
        kName, fmt::format("the network-controller knows {} holders of addresses, its store {}", held, holders.size()));
}

}  // namespace

void check_settled(const SimCloud& cloud, Violations& violations) {
  bool all_alive = true;
  for (const Node* node : cloud.nodes()) {
    all_alive &= node->alive();
    if (!node->alive()) violations.add(kName, fmt::format("{} is dead", to_string(node->id())));
  }
  if (!all_alive) return;
  if (cloud.controller().core() == nullptr) {
    violations.add(kName, "the controller does not serve");
    return;
  }
  check_memory(cloud, violations);
  check_guests(cloud, violations);
  check_daemons(cloud, violations);
  check_audit(cloud, violations);
}

}  // namespace kilonova::sim
