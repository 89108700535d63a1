// AggregateMultiTenancyIsolation: hosts in aggregates whose `filter_tenant_id` names projects take servers of these
// alone. Nova: nova/scheduler/filters/aggregate_multitenancy_isolation.py.
#pragma once

#include "scheduler/core/filters/filter.h"
#include "scheduler/core/nova/aggregates.h"

namespace kilonova::scheduler {

class AggregateMultiTenancyIsolation final : public AttributesFilter {
 public:
  static constexpr std::string_view kName = "AggregateMultiTenancyIsolation";
  std::string_view name() const override { return kName; }
  // An id may be written as OpenStack's clients show it, or as kilonova's do: with dashes.
  bool passes(const Attributes& attributes, const SchedulingRequest& request) const override {
    const Uuid& project = request.spec.project_id;
    return nova::aggregates_are_for(attributes.aggregates, kKey, to_hex(project)) ||
           nova::aggregates_are_for(attributes.aggregates, kKey, to_string(project));
  }

 private:
  static constexpr std::string_view kKey = "filter_tenant_id";
};

}  // namespace kilonova::scheduler
