// CPUWeigher: vcpus that may still be given out, with the allocation ratio. Nova: nova/scheduler/weights/cpu.py.
#pragma once

#include "scheduler/core/weighers/weigher.h"

namespace kilonova::scheduler {

class CPUWeigher final : public HostWeigher {
 public:
  static constexpr std::string_view kName = "CPUWeigher";
  explicit CPUWeigher(const SchedulerOptions& options)
      : HostWeigher({options.cpu_weight_multiplier, "cpu_weight_multiplier"}),
        allocation_ratio_(options.ratios.vcpus) {}
  std::string_view name() const override { return kName; }
  std::optional<double> minval() const override { return 0; }
  double raw(const HostState& host) const override {
    return static_cast<double>(host.total.vcpus) * allocation_ratio_ - static_cast<double>(host.used().vcpus);
  }

 private:
  double allocation_ratio_;
};

}  // namespace kilonova::scheduler
