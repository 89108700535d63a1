// The hosts of a case of `kilonova schedule`, as Nova derives them from compute nodes, services, aggregates and
// instances. docs/schedule.md describes the form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/schedule/form.h"
#include "scheduler/core/nova/host_state.h"

namespace kilonova::cli::schedule {

// The fields `base`, `hosts` and `aggs` of the case.
std::vector<scheduler::nova::HostState> read_hosts(const Form& line);

// The uuid of a cell of this label: uuid5 in the name space of DNS names.
std::string cell_uuid(std::string_view label);

}  // namespace kilonova::cli::schedule
