// What AggregateInstanceExtraSpecsFilter decides. Nova: nova/scheduler/filters/aggregate_instance_extra_specs.py.
#pragma once

#include <span>

#include "domain/metadata.h"
#include "scheduler/core/nova/aggregates.h"
#include "scheduler/core/python_object.h"

namespace kilonova::scheduler {

// True when the host's aggregates meet every extra spec without a scope, or with scope
// `aggregate_instance_extra_specs`: some aggregate has that key, and one of the values there, which commas separate,
// meets the requirement (extra_specs_ops.h). Other scopes are other filters' business.
// The errors of extra_specs_match. Nova looks at the values in the order of a Python set, which is random; here it is
// that of the text, which matters only when one value would be an error and another fits.
PythonResult<bool> aggregates_meet_extra_specs(nova::Aggregates aggregates, std::span<const MetadataItem> extra_specs);

}  // namespace kilonova::scheduler
