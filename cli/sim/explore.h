// `kilonova sim explore`: many seeds in several processes.
#pragma once

#include <string>

#include "sim/run.h"

namespace kilonova::cli {

struct ExploreOptions {
  std::string seeds = "1..100";
  uint32_t jobs = 1;
  sim::RunOptions run;  // of every seed
  bool check_determinism = false;
  bool no_shrink = false;
  bool keep_going = false;
};

// Prints what it found. 1 when a seed failed. kInvalidArgument for seeds that are no range.
Expected<int> explore(const ExploreOptions& options);

}  // namespace kilonova::cli
