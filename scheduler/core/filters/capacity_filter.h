// CapacityFilter: the host has room by Placement's rule (domain/resources.h), debits included. Placement's GET
// /allocation_candidates; the RAM, core and disk filters of the article's time are gone from Nova.
#pragma once

#include "scheduler/core/filters/filter.h"

namespace kilonova::scheduler {

class CapacityFilter final : public Filter {
 public:
  static constexpr std::string_view kName = "CapacityFilter";
  explicit CapacityFilter(const SchedulerOptions& options) : Filter(Basis::kCapacity), ratios_(options.ratios) {}
  std::string_view name() const override { return kName; }
  bool host_passes(const HostState& host, HostIndex, const SchedulingRequest& request) const override {
    return fits(host.total, ratios_, host.used(), request.amount);
  }

 private:
  AllocationRatios ratios_;
};

}  // namespace kilonova::scheduler
