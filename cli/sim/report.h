// What `kilonova sim` prints of runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/run.h"
#include "sim/scenario.h"

namespace kilonova::cli {

// `real` is how long it took.
std::string text_of(const sim::RunResult& result, Duration real);
// One document, with the trace and the log if the run kept them. `second_digest`: of a run that was to be the same.
std::string json_of(const sim::RunResult& result, Duration real, std::optional<uint64_t> second_digest);
std::string json_of(const sim::ScenarioResult& result);
// Names of the servers that were created, in this order; of a run that kept its events.
std::vector<std::string> servers_of(const sim::RunResult& result);
// A line a step, of the traced server; "" when there is none of that name.
std::string trace_of(const sim::RunResult& result);
// Fault kind by launch step.
std::string table_of(const sim::Strikes& strikes);

}  // namespace kilonova::cli
