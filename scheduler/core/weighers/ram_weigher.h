// RAMWeigher: physical memory not in use, in MiB, without the allocation ratio. Nova: nova/scheduler/weights/ram.py.
#pragma once

#include "scheduler/core/weighers/weigher.h"

namespace kilonova::scheduler {

class RAMWeigher final : public HostWeigher {
 public:
  static constexpr std::string_view kName = "RAMWeigher";
  explicit RAMWeigher(const SchedulerOptions& options)
      : HostWeigher({options.ram_weight_multiplier, "ram_weight_multiplier"}) {}
  std::string_view name() const override { return kName; }
  std::optional<double> minval() const override { return 0; }
  double raw(const HostState& host) const override {
    return static_cast<double>(host.total.memory_mb - host.used().memory_mb);
  }
};

}  // namespace kilonova::scheduler
