// MaxCoresFilter: the vcpus in use and those asked for stay within max_cores, whatever the host has. Nova of the
// article: the flag of driver simple (nova/scheduler/simple.py); gone from Nova.
#pragma once

#include "scheduler/core/filters/filter.h"

namespace kilonova::scheduler {

class MaxCoresFilter final : public EachHostFilter {
 public:
  static constexpr std::string_view kName = "MaxCoresFilter";
  explicit MaxCoresFilter(const SchedulerOptions& options) : max_cores_(options.max_cores) {}
  std::string_view name() const override { return kName; }
  bool applies(const SchedulingRequest&) const override { return true; }
  bool host_passes(const HostState& host, HostIndex, const SchedulingRequest& request) const override {
    return host.used().vcpus + request.amount.vcpus <= max_cores_;
  }

 private:
  int64_t max_cores_;
};

}  // namespace kilonova::scheduler
