#include "cli/sim/explore_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/sim/report.h"

namespace kilonova::cli {
namespace {

double seconds_of(Duration duration) { return static_cast<double>(duration.us) / 1e6; }

nlohmann::ordered_json json_of(const Failure& failure) {
  return {{"seed", failure.outcome.seed},
          {"violations", reasons_of(failure.outcome)},
          {"replay", replay_command(failure.options, failure.outcome)}};
}

std::string branches_of(const ExploreResult& result) {
  std::string text = fmt::format("{:<72}{:>8}{:>8}\n", "branches", "seeds", "faults");
  for (const auto& [name, count] : result.branches)
    text += fmt::format("{:<72}{:>8}{:>8}\n", name, count.seeds, count.behind.size());
  for (const std::string& name : result.unreached) text += fmt::format("{:<72}: never reached\n", name);
  if (result.requires_branches && !result.unreached.empty())
    text += fmt::format("{} branches were never reached\n", result.unreached.size());
  for (const sim::RequiredPair& pair : result.unmet)
    text += fmt::format("{}: never reached behind {} ({})\n", pair.branch, pair.fault, pair.why);
  return text;
}

}  // namespace

std::string text_of(const ExploreResult& result) {
  std::string text = fmt::format("{} seeds, {} launches, {} placements, {} faults, {:.0f} virtual s in {:.1f} s\n",
                                 result.runs, result.launches, result.tries, result.faults,
                                 seconds_of(result.virtual_time), seconds_of(result.real_time));
  text += table_of(result.strikes);
  for (const sim::Gap& gap : result.gaps)
    text += fmt::format("{} at {} {}{}\n", gap.fault, static_cast<int>(gap.step), to_string(gap.step),
                        gap.reason.empty() ? ": never struck" : fmt::format(" cannot be: {}", gap.reason));
  text += branches_of(result);
  if (result.failures.empty()) return text;
  for (const Failure& failure : result.failures)
    for (const std::string& reason : reasons_of(failure.outcome))
      text += fmt::format("seed {} {}\n", failure.outcome.seed, reason);
  text += fmt::format("{} seeds failed:", result.failures.size());
  for (const Failure& failure : result.failures) text += fmt::format(" {}", failure.outcome.seed);
  const Failure& first = result.failures.front();
  text += fmt::format("\nreplay with: {}\n", replay_command(first.options, first.outcome));
  if (!result.smallest) return text;
  text += fmt::format("smallest:    {}\n", replay_command(result.smallest->options, result.smallest->outcome));
  for (const std::string& reason : reasons_of(result.smallest->outcome)) text += fmt::format("  {}\n", reason);
  return text;
}

std::string json_of(const ExploreResult& result) {
  auto strikes = nlohmann::ordered_json::array();
  for (const auto& [key, count] : result.strikes.counts())
    strikes.push_back({{"fault", key.first},
                       {"number", static_cast<int>(key.second)},
                       {"step", to_string(key.second)},
                       {"count", count}});
  auto gaps = nlohmann::ordered_json::array();
  for (const sim::Gap& gap : result.gaps)
    gaps.push_back({{"fault", gap.fault},
                    {"number", static_cast<int>(gap.step)},
                    {"step", to_string(gap.step)},
                    {"impossible", gap.reason}});
  auto branches = nlohmann::ordered_json::array();
  for (const auto& [name, count] : result.branches)
    branches.push_back({{"branch", name}, {"seeds", count.seeds}, {"behind", count.behind}});
  for (const std::string& name : result.unreached)
    branches.push_back({{"branch", name}, {"seeds", 0}, {"behind", nlohmann::ordered_json::object()}});
  auto unmet = nlohmann::ordered_json::array();
  for (const sim::RequiredPair& pair : result.unmet)
    unmet.push_back({{"fault", pair.fault}, {"branch", pair.branch}, {"why", pair.why}});
  auto failures = nlohmann::ordered_json::array();
  for (const Failure& failure : result.failures) failures.push_back(json_of(failure));
  nlohmann::ordered_json json{{"seeds", result.runs},
                              {"launches", result.launches},
                              {"placements", result.tries},
                              {"faults", result.faults},
                              {"virtual_us", result.virtual_time.us},
                              {"real_us", result.real_time.us},
                              {"strikes", std::move(strikes)},
                              {"gaps", std::move(gaps)},
                              {"branches", std::move(branches)},
                              {"unmet", std::move(unmet)},
                              {"failures", std::move(failures)}};
  json["smallest"] = result.smallest ? json_of(*result.smallest) : nlohmann::ordered_json();
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace kilonova::cli
