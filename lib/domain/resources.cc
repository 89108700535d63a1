#include "domain/resources.h"

#include <algorithm>

namespace kilonova {
namespace {

bool class_fits(int64_t total, double ratio, int64_t used, int64_t amount) {
  if (amount == 0) return true;
  if (amount > total) return false;
  return static_cast<double>(used + amount) <= static_cast<double>(total) * ratio;
}

}  // namespace

Resources resources_of(const Flavor& flavor) {
  return {flavor.vcpus, flavor.memory_mb, flavor.root_gb + flavor.ephemeral_gb + (flavor.swap_mb + 1023) / 1024};
}

bool fits(const Resources& total, const AllocationRatios& ratios, const Resources& used, const Resources& amount) {
  return class_fits(total.vcpus, ratios.vcpus, used.vcpus, amount.vcpus) &&
         class_fits(total.memory_mb, ratios.memory, used.memory_mb, amount.memory_mb) &&
         class_fits(total.disk_gb, ratios.disk, used.disk_gb, amount.disk_gb);
}

bool may_use(const Flavor& flavor, const Uuid& project) {
  return flavor.is_public || std::ranges::binary_search(flavor.projects, to_hex(project));
}

}  // namespace kilonova
