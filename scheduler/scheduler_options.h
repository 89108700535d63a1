// The options of a scheduler's decisions, as the daemon and `kilonova study` declare them: by the same names.
#pragma once

#include "scheduler/core/options.h"

namespace CLI {
class App;
}  // namespace CLI

namespace kilonova::scheduler {

// `options` has the defaults, and must outlive the app. What is wrong together, validate() finds.
void add_scheduler_options(CLI::App& app, SchedulerOptions& options);

}  // namespace kilonova::scheduler
