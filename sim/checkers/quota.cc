#include "sim/checkers/quota.h"

#include "domain/nouns/quota.h"

#include <fmt/format.h>

namespace kilonova::sim {

void QuotaChecker::on_row(const Uuid& uuid, const RowState* before, const RowState* after) {
  if (before != nullptr && after != nullptr) return;
  const RowState& row = before == nullptr ? *after : *before;
  QuotaUsage& usage = usage_[row.project];
  int64_t sign = before == nullptr ? 1 : -1;
  usage.instances += sign;
  usage.cores += sign * row.resources.vcpus;
  usage.ram_mb += sign * row.resources.memory_mb;
  if (before != nullptr) return;
  const Quota& quota = quotas_.try_emplace(row.project).first->second;
  auto exceeds = [](int64_t used, int64_t limit) { return limit >= 0 && used > limit; };
  if (exceeds(usage.instances, quota.instances) || exceeds(usage.cores, quota.cores) ||
      exceeds(usage.ram_mb, quota.ram_mb))
    violations_.add("quota", fmt::format("server {} exceeds the quota of project {}: {} servers, {} cores, {} MiB",
                                         to_string(uuid), to_string(row.project), usage.instances, usage.cores,
                                         usage.ram_mb));
}

}  // namespace kilonova::sim
