// DiskWeigher: disk not in use, in GiB (Nova counts MiB, which normalises to the same). Nova:
// nova/scheduler/weights/disk.py.
#pragma once

#include "scheduler/core/weighers/weigher.h"

namespace kilonova::scheduler {

class DiskWeigher final : public HostWeigher {
 public:
  static constexpr std::string_view kName = "DiskWeigher";
  explicit DiskWeigher(const SchedulerOptions& options)
      : HostWeigher({options.disk_weight_multiplier, "disk_weight_multiplier"}) {}
  std::string_view name() const override { return kName; }
  std::optional<double> minval() const override { return 0; }
  double raw(const HostState& host) const override {
    return static_cast<double>(host.total.disk_gb - host.used().disk_gb);
  }
};

}  // namespace kilonova::scheduler
