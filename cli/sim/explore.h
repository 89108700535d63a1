// `kilonova sim explore`: many seeds in several processes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/sim/shrink.h"
#include "sim/required_pairs.h"

namespace kilonova::cli {

struct ExploreOptions {
  std::string seeds = "1..100";
  uint32_t jobs = 1;
  sim::RunOptions run;  // of every seed
  bool check_determinism = false;
  bool no_shrink = false;
  bool keep_going = false;
  bool require_sometimes = false;  // a branch, or a pair, that is never reached is a failure, however few the seeds
  uint32_t time_limit = 600;       // real seconds for a seed; 0 = none
  Simulate simulate = sim::run_simulation;
  std::vector<std::string> branches = sim::branch_names();       // that are to be reached,
  std::vector<sim::RequiredPair> pairs = sim::required_pairs();  // and behind these faults
  std::function<void(uint64_t done, uint64_t all)> progress;     // after each seed, if anybody wants to know
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
  struct BranchCount {
    uint64_t seeds = 0;                      // that reached it,
    std::map<std::string, uint64_t> behind;  // and behind which kind of fault
  };
  std::map<std::string, BranchCount> branches;
  std::vector<std::string> unreached;    // branches, by name
  std::vector<sim::RequiredPair> unmet;  // of a search that must have met them
  bool requires_branches = false;        // that is a failure: it was asked for, or the search was long enough

  // Nothing failed, no gap is a hole (one that could have been struck), and all branches were reached if they had to
  // be, behind the faults that they are there for.
  bool ok() const;
};

// Runs the seeds until one fails: then every process is ended at once. kInvalidArgument for seeds that are no range and for
// options that no cloud can have.
Expected<ExploreResult> explore(const ExploreOptions& options);

}  // namespace kilonova::cli
