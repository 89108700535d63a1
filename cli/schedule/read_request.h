// The requests and options of a case of `kilonova schedule`. docs/schedule.md describes the form.
#pragma once

#include "cli/schedule/form.h"
#include "scheduler/core/nova/options.h"
#include "scheduler/core/nova/request_spec.h"

namespace kilonova::cli::schedule {

// The object at `path`.
scheduler::nova::RequestSpec read_request(FormErrors& errors, const PythonValue& value, const std::string& path);
// The field `options` of the case; absent = the defaults.
scheduler::nova::Options read_options(const Form& line);

}  // namespace kilonova::cli::schedule
