#include "scheduler/core/host_state.h"

#include <algorithm>

namespace kilonova::scheduler {

Resources clamp_amounts(const Resources& amounts) {
  auto clamp = [](int64_t amount) { return std::clamp<int64_t>(amount, 0, kMaxAmount); };
  return {clamp(amounts.vcpus), clamp(amounts.memory_mb), clamp(amounts.disk_gb)};
}

}  // namespace kilonova::scheduler
