// `kilonova sim run`: one run or one scenario, and all that is printed of it.
#pragma once

#include <string>

#include "cli/sim/seed_outcome.h"
#include "sim/scenario.h"

namespace kilonova::cli {

struct Printed {
  std::string text;        // for standard output; one JSON document when that was asked for
  int code = 0;            // 1: something was violated, two runs differed, or there is no server of the traced name
  std::string wrong = {};  // what is not well, for standard error; "" = the text says it
};

struct RunRequest {
  sim::RunOptions options;
  bool check_determinism = false;
  bool json = false;
  bool list = false;  // the names of the servers, and nothing else
  std::string history = {};  // the file that gets what clients asked and were answered; "" = none
  std::string chrome = {};   // the file that gets every launch for Perfetto and the like; "" = none
  Simulate simulate = sim::run_simulation;
};

// The simulation's errors. kUnavailable when a file cannot be written; then the run is lost.
Expected<Printed> run_and_report(const RunRequest& request);
// `log`: with what the daemons said. kNotFound for a file that cannot be read; what play_scenario() says of it.
Expected<Printed> play_and_report(const std::string& path, const sim::ScenarioOptions& options, bool log, bool json);

}  // namespace kilonova::cli
