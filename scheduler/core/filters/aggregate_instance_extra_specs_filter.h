// AggregateInstanceExtraSpecsFilter: hosts whose aggregates say what the flavor's extra specs ask for. Nova:
// nova/scheduler/filters/aggregate_instance_extra_specs.py.
#pragma once

#include <string_view>

#include "scheduler/core/attributes.h"
#include "scheduler/core/filters/filter.h"
#include "scheduler/core/nova/aggregates_meet_extra_specs.h"

namespace kilonova::scheduler {

class AggregateInstanceExtraSpecsFilter final : public AttributesFilter {
 public:
  static constexpr std::string_view kName = "AggregateInstanceExtraSpecsFilter";
  std::string_view name() const override { return kName; }
  // Where Nova fails the request, for a number was asked for and a host's aggregate says something else, that host is
  // left out: one operator's slip on one aggregate does not stop the launches on all others.
  bool passes(const Attributes& attributes, const SchedulingRequest& request) const override {
    return aggregates_meet_extra_specs(attributes.aggregates, request.spec.flavor.extra_specs).value_or(false);
  }
};

}  // namespace kilonova::scheduler
