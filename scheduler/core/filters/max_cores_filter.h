// MaxCoresFilter: the vcpus in use and those asked for stay within max_cores, whatever the host has. Nova of the
// article: the flag of driver simple (nova/scheduler/simple.py); gone from Nova.
#pragma once

#include "scheduler/core/filters/filter.h"

namespace kilonova::scheduler {

class MaxCoresFilter final : public Filter {
 public:
  explicit MaxCoresFilter(int64_t max_cores) : max_cores_(max_cores) {}
  std::string_view name() const override { return "MaxCoresFilter"; }
  bool host_passes(const HostState& host, HostIndex, const SchedulingRequest& request) const override {
    return host.used().vcpus + request.amount.vcpus <= max_cores_;
  }

 private:
  int64_t max_cores_;
};

}  // namespace kilonova::scheduler
