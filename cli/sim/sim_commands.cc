#include "cli/sim/sim_commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "cli/output/print.h"
#include "cli/output/read_file.h"
#include "cli/output/report.h"
#include "cli/sim/explore.h"
#include "cli/sim/explore_report.h"
#include "cli/sim/run_report.h"
#include "domain/outside_events.h"
#include "sim/fault_profile_file.h"

namespace kilonova::cli {
namespace {

struct RunFlags {
  std::string scenario;
  sim::RunOptions options;
  int64_t seconds = 0;
  std::string history;
  std::string chrome;
  bool check_determinism = false;
  bool protobuf = false;
  bool log = false;
  bool list = false;
};

void add_cloud_options(CLI::App& command, sim::RunOptions& options) {
  command.add_option("--hosts", options.hosts, "Hosts")->capture_default_str();
  command.add_option("--compute-processes", options.compute_processes, "Compute processes that share them")
      ->capture_default_str();
  command.add_option("--schedulers", options.schedulers, "Schedulers")->capture_default_str();
  command.add_option("--launches", options.launches, "Servers asked for")->capture_default_str();
  command.add_option("--groups", options.groups, "Part of the creates that are in a server group, from 0 to 1")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      .add_option("--faults", options.faults,
                  fmt::format("Fault profile: {}, or a file (docs/simulation.md)", sim::shipped_profile_names()))
      ->capture_default_str();
  command.add_option("--without", options.without, "Leave these faults of the profile out (its keys)");
}

Expected<> read_events(sim::RunOptions& options) {
  if (options.play.empty()) return {};
  auto text = read_file(options.play);
  if (!text) return std::unexpected(text.error());
  auto events = parse_outside_events(*text, options.play);
  if (!events) return std::unexpected(events.error());
  options.outside = *std::move(events);
  return {};
}

Expected<int> print_report(const Expected<Printed>& printed, const OutputStyle& style) {
  if (!printed) return std::unexpected(printed.error());
  print_text(printed->text);
  if (!printed->wrong.empty()) report_bad_result(style, printed->wrong);
  return printed->code;
}

Expected<int> explore_and_print(ExploreOptions options, bool json) {
  bool shows_progress = isatty(STDERR_FILENO) != 0;
  if (shows_progress)
    options.progress = [](uint64_t done, uint64_t all) { fmt::print(stderr, "\r{} of {} seeds", done, all); };
  auto result = explore(options);
  if (shows_progress) fmt::print(stderr, "\n");
  if (!result) return std::unexpected(result.error());
  print_text(json ? json_of(*result) : text_of(*result));
  return result->ok() ? 0 : 1;
}

void add_run(CLI::App& sim, Globals& globals, const sim::SimNetwork::Codec& codec) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* command = sim.add_subcommand("run", "One cloud's life, from its seed");
  command->add_option("--seed", flags->options.seed, "Everything random comes from it")->capture_default_str();
  add_cloud_options(*command, flags->options);
  command->add_option("--duration", flags->seconds, "Virtual seconds over which launches arrive");
  command->add_option("--trace", flags->options.trace, "Print the steps of this server (name or id)");
  command->add_flag("--list", flags->list, "Print the names of the servers, for --trace");
  command->add_flag("--check-determinism", flags->check_determinism, "Run it twice and compare the histories");
  command->add_flag("--log", flags->log, "Print what the daemons say");
  command->add_option("--history", flags->history,
                      "Write what clients asked and were answered to this file, a line of JSON each");
  command->add_option("--chrome", flags->chrome,
                      "Write every launch to this file, in virtual time, for Perfetto and speedscope");
  command->add_option("--play", flags->options.play,
                      "What happens from outside meanwhile, as `kilonova play` reads it");
  command->add_option("--scenario", flags->scenario,
                      "Play this file instead (tests/sim/scenarios) and print the launch steps");
  if (codec) command->add_flag("--protobuf", flags->protobuf, "Send every message through the wire's converters");
  run_command(*command, globals, [flags, &globals, codec] {
    sim::SimNetwork::Codec used = flags->protobuf ? codec : sim::SimNetwork::Codec();
    if (!flags->scenario.empty())
      return print_report(
          play_and_report(flags->scenario, {.codec = used, .bugs = {}}, flags->log, globals.style.is_document()),
          globals.style);
    RunRequest request{
        .options = flags->options, .check_determinism = flags->check_determinism, .json = globals.style.is_document()};
    if (auto read = read_events(request.options); !read) return Expected<int>(std::unexpected(read.error()));
    request.options.duration = seconds(flags->seconds);
    request.list = flags->list;
    request.history = flags->history;
    request.chrome = flags->chrome;
    request.options.keep_steps = !flags->chrome.empty();
    request.options.keep_history = !flags->history.empty();
    request.options.keep_events = flags->log || flags->list;
    request.options.codec = used;
    return print_report(run_and_report(request), globals.style);
  });
}

void add_explore(CLI::App& sim, Globals& globals, const sim::SimNetwork::Codec& codec) {
  auto flags = std::make_shared<ExploreOptions>();
  auto protobuf = std::make_shared<bool>(false);
  CLI::App* command = sim.add_subcommand("explore", "Many seeds, until one fails");
  command->add_option("--seeds", flags->seeds, "A..B, both included")->capture_default_str();
  command->add_option("--jobs", flags->jobs, "Processes at work")->capture_default_str();
  flags->run.faults = "swarm";
  add_cloud_options(*command, flags->run);
  command->add_flag("--check-determinism", flags->check_determinism, "Run each seed twice and compare");
  command->add_flag("--no-shrink", flags->no_shrink, "Report a failure as it was found");
  command->add_flag("--keep-going", flags->keep_going, "Do not stop at the first failure");
  command->add_flag("--require-sometimes", flags->require_sometimes,
                    "Fail when a branch of the daemons was never reached, or not behind the faults that it is for "
                    "(docs/simulation.md)");
  command->add_option("--time-limit", flags->time_limit, "Real seconds for a seed; 0 = none")->capture_default_str();
  if (codec) command->add_flag("--protobuf", *protobuf, "Send every message through the wire's converters");
  run_command(*command, globals, [flags, protobuf, codec, &globals] {
    if (*protobuf) flags->run.codec = codec;
    return explore_and_print(*flags, globals.style.is_document());
  });
}

}  // namespace

void add_sim_commands(CLI::App& sim, Globals& globals, sim::SimNetwork::Codec codec) {
  sim.require_subcommand(1);
  add_run(sim, globals, codec);
  add_explore(sim, globals, codec);
}

}  // namespace kilonova::cli
