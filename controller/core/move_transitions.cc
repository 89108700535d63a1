#include "controller/core/move_transitions.h"

#include <algorithm>
#include <utility>

namespace kilonova::controller {
namespace {

constexpr size_t kFaultMessageMax = 255;

void enter(Instance& row, MoveStage stage, WallTime now) {
  row.move->stage = stage;
  row.task_state = task_of(row.move->kind, stage);
  row.operation += 1;
  row.updated_at = now;
}

// Back at what it was, or arrived there.
void end_move(Instance& row, VmState state) {
  row.vm_state = state;
  row.task_state = TaskState::kNone;
  row.alternates.clear();
  drop_second_placement(row);
}

// What it began as; one in ERROR is evacuated to run.
VmState state_after(const Move& move) { return move.from == VmState::kError ? VmState::kActive : move.from; }

bool guest_is_half_way(const Move& move) {
  switch (move.stage) {
    case MoveStage::kBuilding: return move.kind == MoveKind::kEvacuation;
    case MoveStage::kLeaving: return move.kind != MoveKind::kLiveMigration;
    default: return move.kind != MoveKind::kUnshelve;
  }
}

void arrive(Instance& row, WallTime now) {
  std::swap(row.current, *row.other);
  row.spec.flavor = row.move->new_flavor;
  row.launched_at = now;
  row.alternates.clear();
  if (is_confirmed_by_user(row.move->kind)) {
    row.vm_state = VmState::kResized;
    row.move->stage = MoveStage::kArrived;
    row.task_state = TaskState::kNone;
    return;
  }
  row.shelved_image = {};
  row.state_since = {};
  end_move(row, row.move->kind == MoveKind::kUnshelve ? VmState::kActive : state_after(*row.move));
}

}  // namespace

void drop_second_placement(Instance& row) {
  row.last_epoch = row.new_epoch() - 1;
  if (row.move && row.other && row.move->stage == MoveStage::kReverting) {
    row.current = *row.other;
    row.spec.flavor = row.move->old_flavor;
    row.power_state = PowerState::kShutdown;
  }
  row.other.reset();
  row.move.reset();
}

void apply_move_begun(Instance& row, Move move, WallTime now) {
  row.last_epoch = row.new_epoch();
  row.other = Placement{.epoch = row.last_epoch, .step = LaunchStep::kNone, .host = {}, .addresses = {}};
  row.move = std::move(move);
  row.attempt = 1;
  row.tried_hosts.clear();
  row.alternates.clear();
  enter(row, MoveStage::kBuilding, now);
}

void apply_move_next_try(Instance& row, bool counts, WallTime now) {
  row.last_epoch = row.new_epoch();
  row.other = Placement{.epoch = row.last_epoch, .step = LaunchStep::kNone, .host = {}, .addresses = {}};
  if (counts) row.attempt += 1;
  row.updated_at = now;
}

void apply_move_progress(Instance& row, const InstanceReport& report, WallTime now) {
  row.other->host = report.host;
  row.other->step = report.step;
  row.updated_at = now;
}

void apply_move_built(Instance& row, const InstanceReport& report, WallTime now) {
  row.other->host = report.host;
  row.other->step = LaunchStep::kActive;
  row.other->addresses = report.addresses;
  enter(row, stage_after_building(row.move->kind), now);
}

void apply_move_work_done(Instance& row, PowerState power, WallTime now) {
  row.updated_at = now;
  row.power_state = power;
  switch (row.move->stage) {
    case MoveStage::kLeaving: return enter(row, MoveStage::kArriving, now);
    case MoveStage::kArriving: return arrive(row, now);
    case MoveStage::kReturning: return end_move(row, state_after(*row.move));
    default: return;
  }
}

void apply_confirming(Instance& row, WallTime now) { enter(row, MoveStage::kConfirming, now); }

// Nova asks the guest, not what the server began as.
void apply_confirmed(Instance& row, WallTime now) {
  row.updated_at = now;
  end_move(row, row.power_state == PowerState::kShutdown ? VmState::kStopped : VmState::kActive);
}

void apply_reverting(Instance& row, WallTime now) { enter(row, MoveStage::kReverting, now); }

void apply_returning(Instance& row, WallTime now) {
  row.last_epoch = row.new_epoch() - 1;
  row.current = *std::exchange(row.other, std::nullopt);
  row.spec.flavor = row.move->old_flavor;
  row.power_state = PowerState::kShutdown;  // as the host that it left has said
  enter(row, MoveStage::kReturning, now);
}

void apply_move_aborted(Instance& row, WallTime now) {
  if (row.move->stage == MoveStage::kBuilding) {
    row.updated_at = now;
    return end_move(row, row.move->from);
  }
  row.last_epoch = row.new_epoch() - 1;
  row.other.reset();
  enter(row, MoveStage::kReturning, now);
}

void apply_move_failed(Instance& row, std::string message, std::string details, WallTime now) {
  if (message.size() > kFaultMessageMax) message.resize(kFaultMessageMax);
  row.fault = InstanceFault{500, std::move(message), std::move(details), now};
  row.updated_at = now;
  end_move(row, guest_is_half_way(*row.move) ? VmState::kError : row.vm_state);
}

void apply_offloaded(Instance& row, WallTime now) {
  row.vm_state = VmState::kShelvedOffloaded;
  row.task_state = TaskState::kNone;
  row.power_state = PowerState::kNoState;
  row.current.host.clear();
  row.updated_at = now;
}

namespace {

// As Nova counts: what the server is now. To go back asks the quota again.
bool has_arrived(MoveStage stage) { return stage == MoveStage::kArrived || stage == MoveStage::kConfirming; }

}  // namespace

QuotaUsage quota_of(const Instance& row) {
  if (row.vm_state == VmState::kSoftDelete && row.task_state != TaskState::kRestoring) return {};
  QuotaUsage usage{1, row.spec.flavor.vcpus, row.spec.flavor.memory_mb};
  if (!row.move || has_arrived(row.move->stage)) return usage;
  for (const Flavor* flavor : {&row.move->old_flavor, &row.move->new_flavor}) {
    usage.cores = std::max<int64_t>(usage.cores, flavor->vcpus);
    usage.ram_mb = std::max<int64_t>(usage.ram_mb, flavor->memory_mb);
  }
  return usage;
}

const Flavor& flavor_of(const Instance& row, const Placement& placement) {
  if (!row.move || &placement == &row.current) return row.spec.flavor;
  // The second placement: the new one until it has arrived, then the old one.
  return row.move->stage < MoveStage::kArrived ? row.move->new_flavor : row.move->old_flavor;
}

}  // namespace kilonova::controller
