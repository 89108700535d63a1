// What the tests of planted bugs share: runs with a bug in them, and whether a checker saw just that.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "sim/run.h"

namespace kilonova::sim {

inline RunOptions small_run() {
  RunOptions options;
  options.launches = 40;
  return options;
}

inline RunResult run_of(const RunOptions& options) {
  auto result = run_simulation(options);
  EXPECT_TRUE(result.has_value());
  return *std::move(result);
}

// "CHECKER: ... WORDS ...": a violation of this checker that says these words.
inline bool caught_by(const RunResult& result, std::string_view checker, std::string_view words) {
  for (const std::string& violation : result.violations)
    if (violation.starts_with(std::string(checker) + ": ") && violation.find(words) != std::string::npos) return true;
  return false;
}

// Within so many seeds of the profile.
inline ::testing::AssertionResult is_caught(RunOptions options, std::string_view faults, uint64_t seeds,
                                            std::string_view checker, std::string_view words) {
  options.faults = faults;
  std::string others;
  for (options.seed = 1; options.seed <= seeds; ++options.seed) {
    RunResult result = run_of(options);
    if (caught_by(result, checker, words)) return ::testing::AssertionSuccess();
    if (!result.ok()) others += "\n" + result.violations.front();
  }
  return ::testing::AssertionFailure() << "not in " << seeds << " seeds; seen were:" << others;
}

// Of a run without faults.
inline ::testing::AssertionResult is_caught(RunOptions options, std::string_view checker, std::string_view words) {
  return is_caught(std::move(options), "none", 1, checker, words);
}

}  // namespace kilonova::sim
