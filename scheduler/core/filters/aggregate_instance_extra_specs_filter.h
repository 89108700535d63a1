// AggregateInstanceExtraSpecsFilter: hosts whose aggregates say what the flavor's extra specs ask for. Nova:
// nova/scheduler/filters/aggregate_instance_extra_specs.py.
#pragma once

#include <span>
#include <string_view>

#include "base/error.h"
#include "domain/metadata.h"
#include "scheduler/core/attributes.h"
#include "scheduler/core/filters/filter.h"

namespace kilonova::scheduler {

// True when the host's aggregates meet every extra spec without a scope, or with scope `aggregate_instance_extra_specs`:
// some aggregate has that key, and one of the values there, which commas separate, meets the requirement
// (extra_specs_ops.h). Other scopes are other filters' business.
// kInvalidArgument where Nova raises and the request fails. Nova looks at the values in the order of a Python set, which
// is random; here it is that of the text, which matters only when one value would be an error and another fits.
Expected<bool> aggregates_meet_extra_specs(const Attributes& attributes, std::span<const MetadataItem> extra_specs);

class AggregateInstanceExtraSpecsFilter final : public AttributesFilter {
 public:
  static constexpr std::string_view kName = "AggregateInstanceExtraSpecsFilter";
  std::string_view name() const override { return kName; }
  // Where Nova fails the request, for a number was asked for and a host's aggregate says something else, that host is
  // left out: one operator's slip on one aggregate does not stop the launches on all others.
  bool passes(const Attributes& attributes, const SchedulingRequest& request) const override {
    return aggregates_meet_extra_specs(attributes, request.spec.flavor.extra_specs).value_or(false);
  }
};

}  // namespace kilonova::scheduler
