#include "sim/checkers/commits.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/client_token.h"

namespace kilonova::sim {

void CommitChecker::missing(const Uuid& uuid, std::string_view what) {
  violations_.add("commits", fmt::format("server {} changed without {}", to_string(uuid), what));
}

void CommitChecker::on_row(const Uuid& uuid, const RowState* before, const RowState* after) {
  if (before != nullptr && after != nullptr && before->vm_state == VmState::kBuilding &&
      after->vm_state == VmState::kActive && !after->host.empty())  // one that a reset calls so has none
    became_active_.push_back(uuid);
}

void CommitChecker::on_commit(const Transaction& transaction) {
  for (const Mutation& m : transaction) {
    if (const auto* insert = get_if<mutation::InsertInstance>(&m)) {
      check_event(transaction, insert->row.uuid, &insert->row);
      check_token(transaction, insert->row.uuid);
      check_allocation(insert->row);
    } else if (const auto* update = get_if<mutation::UpdateInstance>(&m)) {
      check_event(transaction, update->row.uuid, &update->row);
      check_allocation(update->row);
    } else if (const auto* erase = get_if<mutation::EraseInstance>(&m)) {
      check_event(transaction, erase->uuid, nullptr);
    }
  }
  for (const Uuid& uuid : became_active_) {
    bool recorded = std::ranges::any_of(transaction, [&](const Mutation& m) {
      const auto* record = get_if<mutation::AppendLaunchRecord>(&m);
      return record != nullptr && record->instance == uuid;
    });
    if (!recorded) missing(uuid, "its launch record");
  }
  became_active_.clear();
}

void CommitChecker::check_event(const Transaction& transaction, const Uuid& uuid, const Instance* row) {
  bool told = std::ranges::any_of(transaction, [&](const Mutation& m) {
    const auto* append = get_if<mutation::AppendEvent>(&m);
    if (append == nullptr || append->event.instance != uuid || append->event.deleted != (row == nullptr)) return false;
    return row == nullptr || (append->event.vm_state == row->vm_state && append->event.task_state == row->task_state &&
                              append->event.epoch == row->current.epoch && append->event.host == row->current.host);
  });
  if (!told) missing(uuid, "its event");
}

// One allocation for each placement that is bound to a host, and none besides. A deleted server keeps its allocations,
// which are of the epochs before, until its hosts are rid of it.
void CommitChecker::check_allocation(const Instance& row) {
  const auto& allocations = ledger_.allocations();
  std::vector<std::string> bound;
  for (const Placement* placement : {&row.current, row.other ? &*row.other : nullptr})
    if (placement && !placement->host.empty()) bound.push_back(placement->host);
  size_t kept = 0;
  for (auto it = allocations.lower_bound({row.uuid, 0}); it != allocations.end() && it->first.instance == row.uuid;
       ++it, ++kept) {
    const Placement* placement = row.placement_of(it->first.epoch);
    const bool is_bound = std::ranges::find(bound, it->second.host) != bound.end();
    if (row.task_state == TaskState::kDeleting ? !is_bound : !placement || placement->host != it->second.host)
      missing(row.uuid, fmt::format("giving back its allocation of epoch {}", it->first.epoch));
    if (row.task_state == TaskState::kDeleting && row.other) continue;
    const Flavor* flavor = &row.spec.flavor;
    if (row.move && it->first.epoch != row.current.epoch)
      flavor = row.move->stage < MoveStage::kArrived ? &row.move->new_flavor : &row.move->old_flavor;
    if (it->second.resources != resources_of(*flavor))
      missing(row.uuid, fmt::format("its allocation on {}", it->second.host));
  }
  if (kept < bound.size()) missing(row.uuid, fmt::format("its allocation on {}", bound.back()));
}

// Every client of a simulated cloud gives one.
void CommitChecker::check_token(const Transaction& transaction, const Uuid& uuid) {
  bool kept = std::ranges::any_of(transaction, [&](const Mutation& m) {
    const auto* put = get_if<mutation::Put<ClientToken>>(&m);
    return put != nullptr && std::ranges::find(put->row.instances, uuid) != put->row.instances.end();
  });
  if (!kept) missing(uuid, "its client's token");
}

}  // namespace kilonova::sim
