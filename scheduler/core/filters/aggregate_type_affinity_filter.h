// AggregateTypeAffinityFilter: hosts in aggregates whose `instance_type` names flavors take servers of these alone.
// Nova: nova/scheduler/filters/type_filter.py.
#pragma once

#include "scheduler/core/filters/filter.h"
#include "scheduler/core/nova/aggregates.h"

namespace kilonova::scheduler {

class AggregateTypeAffinityFilter final : public AttributesFilter {
 public:
  static constexpr std::string_view kName = "AggregateTypeAffinityFilter";
  std::string_view name() const override { return kName; }
  bool passes(const Attributes& attributes, const SchedulingRequest& request) const override {
    return nova::aggregates_are_for(attributes.aggregates, "instance_type", request.spec.flavor.name);
  }
};

}  // namespace kilonova::scheduler
