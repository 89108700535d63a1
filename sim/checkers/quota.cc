#include "sim/checkers/quota.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/nouns/quota.h"

namespace kilonova::sim {

namespace {

// While a server moves the larger of its flavors counts, once it has arrived the one that it has; one that is soft-deleted counts for nothing.
QuotaUsage charge_of(const RowState* row) {
  if (row == nullptr) return {};
  if (row->vm_state == VmState::kSoftDelete && row->task_state != TaskState::kRestoring) return {};
  QuotaUsage charge{1, row->resources.vcpus, row->resources.memory_mb};
  if (!row->move || row->move->stage == MoveStage::kArrived || row->move->stage == MoveStage::kConfirming)
    return charge;
  charge.cores = std::max<int64_t>({charge.cores, row->move->old_flavor.vcpus, row->move->new_flavor.vcpus});
  charge.ram_mb = std::max<int64_t>({charge.ram_mb, row->move->old_flavor.memory_mb, row->move->new_flavor.memory_mb});
  return charge;
}

}  // namespace

void QuotaChecker::on_row(const Uuid& uuid, const RowState* before, const RowState* after) {
  const RowState& row = before == nullptr ? *after : *before;
  QuotaUsage& usage = usage_[row.project];
  const QuotaUsage was = charge_of(before), is = charge_of(after);
  usage.instances += is.instances - was.instances;
  usage.cores += is.cores - was.cores;
  usage.ram_mb += is.ram_mb - was.ram_mb;
  // An administrator's reset asks no quota, in Nova neither, and a create that was let in before comes on top of it.
  bool& is_excused = excused_[row.project];
  if (before != nullptr && before->vm_state == VmState::kSoftDelete && before->task_state != TaskState::kRestoring)
    is_excused = true;
  if (is.instances <= was.instances && is.cores <= was.cores && is.ram_mb <= was.ram_mb) return;
  const Quota& quota = quotas_.try_emplace(row.project).first->second;
  auto exceeds = [](int64_t used, int64_t limit) { return limit >= 0 && used > limit; };
  if (exceeds(usage.instances, quota.instances) || exceeds(usage.cores, quota.cores) ||
      exceeds(usage.ram_mb, quota.ram_mb)) {
    if (is_excused) return;
    violations_.add(
        "quota", fmt::format("server {} exceeds the quota of project {}: {} servers, {} cores, {} MiB", to_string(uuid),
                             to_string(row.project), usage.instances, usage.cores, usage.ram_mb));
  } else {
    is_excused = false;
  }
}

void QuotaChecker::on_went_back(const WentBack& past) {
  if (past.of != Role::kController) return;
  // A reset's default one may be undone as well as a client's.
  quotas_ = ledger_.quotas();
  usage_.clear();
  for (const auto& [uuid, row] : ledger_.rows()) on_row(uuid, nullptr, &row);
}

}  // namespace kilonova::sim
