// What came of one seed of an exploration, as the process that ran it tells the one that explores.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/run.h"

namespace kilonova::cli {

// sim::run_simulation, or what a test puts in its place.
using Simulate = std::function<Expected<sim::RunResult>(const sim::RunOptions&)>;

struct SeedOutcome {
  uint64_t seed = 0;
  std::vector<std::string> violations;  // "CHECKER: what", the first few
  bool same = true;                     // false: a second run had another history
  std::string died;                     // how the process ended that ran it; "" = it lived
  bool hung = false;                    // it died because it took too long
  uint64_t launches = 0;
  uint64_t tries = 0;
  uint64_t faults = 0;
  Duration virtual_time;
  sim::Strikes strikes;
  sim::BranchesReached branches;

  bool ok() const { return violations.empty() && same && died.empty(); }
};

// Runs it here; with `twice`, and compares the histories. An error is a violation.
SeedOutcome run_seed(const Simulate& simulate, const sim::RunOptions& options, bool twice);

// Whether two failures are of the same kind: the same checker first, or the same end of the process, or another history.
bool same_failure(const SeedOutcome& a, const SeedOutcome& b);
// What is wrong, a line each; none when it is ok.
std::vector<std::string> reasons_of(const SeedOutcome& outcome);
// The command that shows this outcome again.
std::string replay_command(const sim::RunOptions& options, const SeedOutcome& outcome);

// One line of JSON, without a newline, and back. kInvalidArgument for what is none.
std::string line_of(const SeedOutcome& outcome);
Expected<SeedOutcome> parse_outcome(const std::string& line);

}  // namespace kilonova::cli
