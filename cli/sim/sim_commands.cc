#include "cli/sim/sim_commands.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

#include "cli/sim/explore.h"
#include "cli/sim/report.h"
#include "sim/fault_profile_file.h"
#include "sim/scenario.h"

namespace kilonova::cli {
namespace {

struct RunFlags {
  std::string scenario;
  sim::RunOptions options;
  int64_t seconds = 0;
  bool check_determinism = false;
  bool protobuf = false;
  bool log = false;
};

Duration real_now() {
  auto since = std::chrono::steady_clock::now().time_since_epoch();
  return microseconds(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

void add_cloud_options(CLI::App& command, sim::RunOptions& options) {
  command.add_option("--hosts", options.hosts, "Hosts")->capture_default_str();
  command.add_option("--compute-processes", options.compute_processes, "Compute processes that share them")
      ->capture_default_str();
  command.add_option("--schedulers", options.schedulers, "Schedulers")->capture_default_str();
  command.add_option("--launches", options.launches, "Servers asked for")->capture_default_str();
  command
      .add_option("--faults", options.faults,
                  fmt::format("Fault profile: {}, or a file (docs/simulation.md)", sim::shipped_profile_names()))
      ->capture_default_str();
  command.add_option("--without", options.without, "Leave these faults of the profile out (its keys)");
}

Expected<int> run(const RunFlags& flags, bool json) {
  Duration begun = real_now();
  auto result = sim::run_simulation(flags.options);
  if (!result) return std::unexpected(result.error());
  Duration real = real_now() - begun;
  for (const std::string& line : result->events) fmt::print("{}\n", line);
  fmt::print("{}", json ? json_of(*result, real) : text_of(*result, real));
  if (!flags.options.trace.empty()) fmt::print("{}", trace_of(*result));
  if (flags.check_determinism) {
    auto again = sim::run_simulation(flags.options);
    if (!again) return std::unexpected(again.error());
    if (again->digest != result->digest)
      return fail(ErrorCode::kInternal, fmt::format("the second run had another history: digest {:016x}, not {:016x}",
                                                    again->digest, result->digest));
    if (!json) fmt::print("the second run had the same history\n");
  }
  return result->ok() ? 0 : 1;
}

Expected<int> run_scenario(const std::string& path, bool log) {
  std::ifstream file(path);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()).good())
    return fail(ErrorCode::kNotFound, fmt::format("the scenario '{}' cannot be read", path));
  auto played = sim::play_scenario(text.str(), path);
  if (!played) return std::unexpected(played.error());
  if (log) fmt::print("{}\n", fmt::join(played->events, "\n"));
  fmt::print("{}", sim::transcript_of(played->steps));
  for (const std::string& failure : played->failures) fmt::print("FAILED {}\n", failure);
  return played->failures.empty() ? 0 : 1;
}

void add_run(CLI::App& sim, Globals& globals, sim::SimNetwork::Codec codec) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* command = sim.add_subcommand("run", "One cloud's life, from its seed");
  command->add_option("--seed", flags->options.seed, "Everything random comes from it")->capture_default_str();
  add_cloud_options(*command, flags->options);
  command->add_option("--duration", flags->seconds, "Virtual seconds over which launches arrive");
  command->add_option("--trace", flags->options.trace, "Print the steps of this server (name or id)");
  command->add_flag("--check-determinism", flags->check_determinism, "Run it twice and compare the histories");
  command->add_flag("--log", flags->log, "Print what the daemons say");
  command->add_option("--scenario", flags->scenario,
                      "Play this file instead (tests/sim/scenarios) and print the launch steps");
  if (codec) command->add_flag("--protobuf", flags->protobuf, "Send every message through the wire's converters");
  run_command(*command, globals, [flags, &globals, codec] {
    if (!flags->scenario.empty()) return run_scenario(flags->scenario, flags->log);
    flags->options.duration = seconds(flags->seconds);
    flags->options.keep_events = flags->log;
    if (flags->protobuf) flags->options.codec = codec;
    return run(*flags, globals.json);
  });
}

void add_explore(CLI::App& sim, Globals& globals) {
  auto flags = std::make_shared<ExploreOptions>();
  CLI::App* command = sim.add_subcommand("explore", "Many seeds, until one fails");
  command->add_option("--seeds", flags->seeds, "A..B, both included")->capture_default_str();
  command->add_option("--jobs", flags->jobs, "Processes at work")->capture_default_str();
  flags->run.faults = "swarm";
  add_cloud_options(*command, flags->run);
  command->add_flag("--check-determinism", flags->check_determinism, "Run each seed twice and compare");
  command->add_flag("--no-shrink", flags->no_shrink, "Report a failure as it was found");
  command->add_flag("--keep-going", flags->keep_going, "Do not stop at the first failure");
  run_command(*command, globals, [flags] { return explore(*flags); });
}

}  // namespace

void add_sim_commands(CLI::App& sim, Globals& globals, sim::SimNetwork::Codec codec) {
  sim.require_subcommand(1);
  add_run(sim, globals, std::move(codec));
  add_explore(sim, globals);
}

}  // namespace kilonova::cli
