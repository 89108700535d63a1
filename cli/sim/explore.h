// `kilonova sim explore`: many seeds in several processes.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/sim/shrink.h"

namespace kilonova::cli {

struct ExploreOptions {
  std::string seeds = "1..100";
  uint32_t jobs = 1;
  sim::RunOptions run;  // of every seed
  bool check_determinism = false;
  bool no_shrink = false;
  bool keep_going = false;
  uint32_t time_limit = 600;  // real seconds for a seed; 0 = none
  Simulate simulate = sim::run_simulation;
  std::function<void(uint64_t done, uint64_t all)> progress;  // after each seed, if anybody wants to know
};

struct ExploreResult {
  uint64_t runs = 0;
  uint64_t launches = 0;
  uint64_t tries = 0;
  uint64_t faults = 0;
  Duration virtual_time;
  Duration real_time;
  sim::Strikes strikes;
  std::vector<Failure> failures;    // by seed; one, unless it was to keep going
  std::optional<Failure> smallest;  // of the first one
  std::vector<sim::Gap> gaps;       // of a search that is long enough to have none

  // Nothing failed, and no gap is a hole: one that could have been struck.
  bool ok() const;
};

// Runs the seeds until one fails: then every process is ended at once. kInvalidArgument for seeds that are no range and for
// options that no cloud can have.
Expected<ExploreResult> explore(const ExploreOptions& options);

}  // namespace kilonova::cli
