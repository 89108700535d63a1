#include "sim/checkers/moves.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace kilonova::sim {
namespace {

bool is_same_current(const RowState& a, const RowState& b) {
  return a.epoch == b.epoch && a.host == b.host && a.addresses == b.addresses && a.step == b.step;
}

bool is_same_other(const RowState& a, const RowState& b) {
  return a.other.has_value() == b.other.has_value() &&
         (!a.other || (a.other->epoch == b.other->epoch && a.other->host == b.other->host));
}

bool has_same_addresses(const std::vector<Address>& a, const std::vector<Address>& b) {
  return std::ranges::equal(a, b, [](const Address& one, const Address& two) {
    return one.nic == two.nic && one.ip == two.ip && one.mac == two.mac && one.network_id == two.network_id;
  });
}

// Nova's tables, a second time on purpose.
TaskState first_task(MoveKind kind) {
  switch (kind) {
    case MoveKind::kLiveMigration: return TaskState::kMigrating;
    case MoveKind::kEvacuation: return TaskState::kRebuilding;
    case MoveKind::kUnshelve: return TaskState::kUnshelving;
    default: return TaskState::kResizePrep;
  }
}

std::set<VmState> first_states(MoveKind kind) {
  using enum VmState;
  switch (kind) {
    case MoveKind::kLiveMigration: return {kActive, kPaused};
    case MoveKind::kEvacuation: return {kActive, kStopped, kError};
    case MoveKind::kUnshelve: return {kShelvedOffloaded};
    default: return {kActive, kStopped};
  }
}

bool is_cold(MoveKind kind) { return kind == MoveKind::kResize || kind == MoveKind::kMigration; }

bool may_begin_to_move(const RowState& a, const RowState& b) {
  const MoveKind kind = b.move->kind;
  const bool is_idle = a.task_state == TaskState::kNone || kind == MoveKind::kEvacuation;
  return is_idle && first_states(kind).contains(a.vm_state) && b.vm_state == a.vm_state &&
         b.task_state == first_task(kind) && b.operation == a.operation + 1 && is_same_current(a, b) && b.other &&
         b.other->epoch > std::max(a.epoch, a.last_epoch) && b.other->host.empty() &&
         b.move->stage == MoveStage::kBuilding;
}

bool has_arrived(const RowState& a, const RowState& b) {
  return a.other && b.epoch == a.other->epoch && b.host == a.other->host &&
         has_same_addresses(a.addresses, b.addresses);
}

bool may_go_on_building(const RowState& a, const RowState& b) {
  if (b.move->stage == MoveStage::kBuilding) {
    if (b.operation != a.operation || !is_same_current(a, b)) return false;
    if (b.other->epoch == a.other->epoch)
      return b.other->step >= a.other->step && (a.other->host.empty() || a.other->host == b.other->host);
    return b.other->epoch > a.other->epoch && b.other->host.empty();
  }
  const bool leaves = b.move->kind != MoveKind::kEvacuation && b.move->kind != MoveKind::kUnshelve;
  return b.move->stage == (leaves ? MoveStage::kLeaving : MoveStage::kArriving) && is_same_current(a, b) && b.other &&
         b.other->epoch == a.other->epoch && !b.other->host.empty() && b.operation == a.operation + 1 &&
         has_same_addresses(a.addresses, b.other->addresses);
}

bool may_go_on_moving(const RowState& a, const RowState& b) {
  const MoveStage from = a.move->stage, to = b.move->stage;
  if (a.move->kind != b.move->kind) return false;
  if (from == MoveStage::kBuilding) return a.other && may_go_on_building(a, b);
  const bool next = b.operation == a.operation + 1;
  if (from == to) {
    // A crash dump leaves no task; nor does the confirmation of a move, beside which it may be asked for.
    const bool dumps = next && (to == MoveStage::kArrived || to == MoveStage::kConfirming);
    return is_same_current(a, b) && is_same_other(a, b) && (dumps || a.operation == b.operation) &&
           a.task_state == b.task_state;
  }
  switch (to) {
    case MoveStage::kArriving:
      return from == MoveStage::kLeaving && next && is_same_current(a, b) && is_same_other(a, b);
    case MoveStage::kArrived:
      return from == MoveStage::kArriving && is_cold(a.move->kind) && has_arrived(a, b) && b.other &&
             b.other->epoch == a.epoch && b.other->host == a.host && b.vm_state == VmState::kResized &&
             b.task_state == TaskState::kNone;
    case MoveStage::kConfirming:
      return from == MoveStage::kArrived && next && is_same_current(a, b) && is_same_other(a, b) &&
             b.task_state == TaskState::kNone;
    case MoveStage::kReverting:
      return from == MoveStage::kArrived && next && is_same_current(a, b) && is_same_other(a, b) &&
             b.task_state == TaskState::kResizeReverting;
    case MoveStage::kReturning:
      if (b.other || !next) return false;
      return from == MoveStage::kReverting
                 ? has_arrived(a, b)
                 : from == MoveStage::kLeaving && a.move->kind == MoveKind::kLiveMigration && is_same_current(a, b);
    default: return false;
  }
}

bool may_end_to_move(const RowState& a, const RowState& b) {
  if (b.other || b.task_state != TaskState::kNone || b.operation != a.operation) return false;
  const VmState began = a.move->from;
  const bool fails = b.faulted && (b.vm_state == VmState::kError || b.vm_state == a.vm_state) && is_same_current(a, b);
  switch (a.move->stage) {
    case MoveStage::kBuilding:
      return fails || (a.move->kind == MoveKind::kLiveMigration && b.vm_state == began && is_same_current(a, b));
    case MoveStage::kLeaving: return fails;
    case MoveStage::kArriving:
      if (fails) return true;
      if (is_cold(a.move->kind) || !has_arrived(a, b)) return false;
      return b.vm_state == (began == VmState::kPaused || began == VmState::kStopped ? began : VmState::kActive);
    case MoveStage::kConfirming:
      if (b.vm_state == VmState::kError) return fails;
      return is_same_current(a, b) && (b.vm_state == VmState::kActive || b.vm_state == VmState::kStopped);
    // By a fault rule alone; it is where it came from then.
    case MoveStage::kReverting: return b.faulted && b.vm_state == VmState::kError && has_arrived(a, b);
    case MoveStage::kReturning: return fails || (is_same_current(a, b) && b.vm_state == began);
    default: return false;
  }
}

bool runs(PowerState power) { return power == PowerState::kRunning; }

}  // namespace

bool may_follow_moving(const RowState& a, const RowState& b) {
  if (!a.move) return may_begin_to_move(a, b);
  return b.move ? may_go_on_moving(a, b) : may_end_to_move(a, b);
}

bool is_reset_of_moving(const RowState& a, const RowState& b) {
  if (b.operation != a.operation + 1 || b.task_state != TaskState::kNone || b.other || b.move) return false;
  if (b.vm_state != VmState::kActive && b.vm_state != VmState::kError) return false;
  if (a.host.empty()) return b.epoch > std::max(a.epoch, a.last_epoch) && b.host.empty() && b.addresses.empty();
  return a.move->stage == MoveStage::kReverting ? has_arrived(a, b) : is_same_current(a, b);
}

// The host that is left has its guest off before the other one runs; one that is evacuated may run where nobody can ask.
void MoveChecker::on_guest(const GuestRecord*, const GuestRecord* after) {
  if (!guests_count_ || after == nullptr || !runs(after->power_state)) return;
  const RowState* row = ledger_.row(after->placement.instance);
  if (row == nullptr || !row->other || !row->move || row->move->kind == MoveKind::kEvacuation) return;
  const uint64_t epoch = after->placement.epoch;
  if (epoch != row->epoch && epoch != row->other->epoch) return;
  const std::string& host = epoch == row->epoch ? row->other->host : row->host;
  const uint64_t second = epoch == row->epoch ? row->other->epoch : row->epoch;
  auto guest = ledger_.guests().find({after->placement.instance, host});
  if (guest != ledger_.guests().end() && guest->second.placement.epoch == second && runs(guest->second.power_state))
    violations_.add("moves", fmt::format("server {} runs on {} and on {}", to_string(after->placement.instance),
                                         after->host, host));
}

void MoveChecker::reconciled() {
  leases_count_ = true;
  if (std::exchange(guests_count_, true)) return;
  for (const auto& [key, guest] : ledger_.guests()) on_guest(nullptr, &guest);
}

void MoveChecker::on_lease(const Lease* before, const Lease* after) {
  if (!leases_count_ || before == nullptr || (after != nullptr && after->address.ip == before->address.ip)) return;
  const RowState* row = ledger_.row(before->instance);
  if (row == nullptr || row->task_state == TaskState::kDeleting || row->vm_state == VmState::kBuilding) return;
  if (clients_.may_change_interfaces(before->instance)) return;
  const bool is_own = row->epoch == before->epoch || row->epoch == before->shared_with;
  if (is_own && std::ranges::any_of(row->addresses, [&](const Address& own) { return own.ip == before->address.ip; }))
    gone_.push_back(*before);
}

void MoveChecker::on_network_commit() {
  for (const Lease& lease : std::exchange(gone_, {})) {
    auto now = ledger_.leases().find({lease.instance, lease.address.nic});
    if (now != ledger_.leases().end() && now->second.address.ip == lease.address.ip) continue;
    violations_.add("moves", fmt::format("the address {} has left server {}, which is {}", to_string(lease.address.ip),
                                         to_string(lease.instance), describe(*ledger_.row(lease.instance))));
  }
}

}  // namespace kilonova::sim
