#include "cli/sim/seed_outcome.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

namespace kilonova::cli {
namespace {

std::string_view checker_of(const SeedOutcome& outcome) {
  if (outcome.violations.empty()) return "";
  std::string_view first = outcome.violations.front();
  return first.substr(0, first.find(':'));
}

}  // namespace

SeedOutcome run_seed(const Simulate& simulate, const sim::RunOptions& options, bool twice) {
  SeedOutcome outcome;
  outcome.seed = options.seed;
  auto result = simulate(options);
  if (!result) {
    outcome.violations.push_back(fmt::format("run: {}", result.error().message));
    return outcome;
  }
  if (twice) {
    auto again = simulate(options);
    outcome.same = again && again->digest == result->digest;
  }
  outcome.violations = std::move(result->violations);
  outcome.launches = result->acknowledged_creates;
  outcome.tries = result->launches.tries();
  outcome.faults = result->faults;
  outcome.virtual_time = result->virtual_time;
  outcome.strikes = std::move(result->strikes);
  outcome.branches = std::move(result->branches);
  return outcome;
}

bool same_failure(const SeedOutcome& a, const SeedOutcome& b) {
  if (a.ok() || b.ok()) return false;
  return a.died == b.died && checker_of(a) == checker_of(b) && (a.same == b.same || !a.violations.empty());
}

std::vector<std::string> reasons_of(const SeedOutcome& outcome) {
  std::vector<std::string> reasons = outcome.violations;
  if (!outcome.same) reasons.emplace_back("the second run had another history");
  if (!outcome.died.empty()) reasons.push_back("its process " + outcome.died);
  return reasons;
}

std::string replay_command(const sim::RunOptions& options, const SeedOutcome& outcome) {
  return sim::replay_command(options) + (outcome.same ? "" : " --check-determinism");
}

std::string line_of(const SeedOutcome& outcome) {
  nlohmann::json strikes = nlohmann::json::array();
  for (const auto& [key, count] : outcome.strikes.counts())
    strikes.push_back({key.first, static_cast<int>(key.second), count});
  nlohmann::json json{{"seed", outcome.seed},          {"violations", outcome.violations},
                      {"same", outcome.same},          {"died", outcome.died},
                      {"launches", outcome.launches},  {"tries", outcome.tries},
                      {"faults", outcome.faults},      {"virtual_us", outcome.virtual_time.us},
                      {"strikes", std::move(strikes)}, {"branches", outcome.branches}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Expected<SeedOutcome> parse_outcome(const std::string& line) {
  try {
    nlohmann::json json = nlohmann::json::parse(line);
    SeedOutcome outcome;
    json.at("seed").get_to(outcome.seed);
    json.at("violations").get_to(outcome.violations);
    json.at("same").get_to(outcome.same);
    json.at("died").get_to(outcome.died);
    json.at("launches").get_to(outcome.launches);
    json.at("tries").get_to(outcome.tries);
    json.at("faults").get_to(outcome.faults);
    json.at("virtual_us").get_to(outcome.virtual_time.us);
    for (const nlohmann::json& strike : json.at("strikes"))
      outcome.strikes.add(strike.at(0).get<std::string>(), static_cast<LaunchStep>(strike.at(1).get<int>()),
                          strike.at(2).get<uint64_t>());
    json.at("branches").get_to(outcome.branches);
    return outcome;
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is no outcome of a seed: {}", line, error.what()));
  }
}

}  // namespace kilonova::cli
