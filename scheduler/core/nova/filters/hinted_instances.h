// What the hints `same_host` and `different_host` ask. Nova: nova/scheduler/filters/affinity_filter.py.
#pragma once

#include <optional>
#include <string_view>

#include "scheduler/core/nova/host_state.h"
#include "scheduler/core/nova/request_spec.h"

namespace kilonova::scheduler::nova {

// Whether the host has one of the instances that the hint names. Nothing when it names none: no hint, an empty list,
// and a list of one empty text.
std::optional<bool> has_hinted_instance(const HostState& host, const RequestSpec& spec, std::string_view hint);

}  // namespace kilonova::scheduler::nova
