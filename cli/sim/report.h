// What `kilonova sim` prints of runs.
#pragma once

#include <string>

#include "sim/run.h"

namespace kilonova::cli {

// `real` is how long it took.
std::string text_of(const sim::RunResult& result, Duration real);
std::string json_of(const sim::RunResult& result, Duration real);
// A line a step, of the traced server.
std::string trace_of(const sim::RunResult& result);
// Fault kind by launch step.
std::string table_of(const sim::Strikes& strikes);

}  // namespace kilonova::cli
