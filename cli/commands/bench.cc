#include "cli/load/bench.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "cli/cli.h"
#include "cli/commands/command.h"
#include "cli/load/flood.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

struct Options {
  BenchOptions bench;
  bool keep = false;
};

int64_t micros(double seconds) { return static_cast<int64_t>(seconds * 1e6); }

double a_second(size_t count, Duration took) {
  return took.us == 0 ? 0 : static_cast<double>(count) * 1e6 / static_cast<double>(took.us);
}

double rate(const BenchResult& result) { return a_second(result.launched, result.took); }

double us_a_launch(const BenchResult& result, const DaemonCost& cost) {
  return result.launched == 0 ? 0 : cost.cpu_seconds * 1e6 / static_cast<double>(result.launched);
}

// What became of the servers that were launched.
struct Aftermath {
  std::string project;               // they are, or were, in
  std::optional<Duration> deleting;  // nothing where they are kept
};

Json result_json(const Options& options, const BenchResult& result, const Aftermath& after) {
  LatencySummary latency = summarize(result.latencies);
  Json daemons = Json::array();
  for (const DaemonCost& cost : result.costs)
    daemons.push_back({{"name", cost.name},
                       {"cpu_us", micros(cost.cpu_seconds)},
                       {"cpu_us_per_launch", us_a_launch(result, cost)},
                       {"rss_kb", cost.rss_kb},
                       {"peak_rss_kb", cost.peak_kb}});
  return {{"count", options.bench.count},
          {"clients", options.bench.clients},
          {"batch", options.bench.batch},
          {"flavor", options.bench.flavor},
          {"launched", result.launched},
          {"failed", result.failures.total()},
          {"failures", failures_json(result.failures)},
          {"took_us", result.took.us},
          {"launches_per_s", rate(result)},
          {"p50_us", latency.p50.us},
          {"p99_us", latency.p99.us},
          {"max_us", latency.max.us},
          {"deletes_per_s", after.deleting ? Json(a_second(result.servers.size(), *after.deleting)) : Json(nullptr)},
          {"daemons", std::move(daemons)},
          {"project", options.keep ? Json(after.project) : Json(nullptr)}};
}

void print_result(const Options& options, const BenchResult& result, const Aftermath& after) {
  LatencySummary latency = summarize(result.latencies);
  print("{} launched in {}: {:.0f} launches/s (clients {}, batch {})\n", result.launched, format_duration(result.took),
        rate(result), options.bench.clients, options.bench.batch);
  print("request to ACTIVE: p50 {}, p99 {}, max {}\n", format_duration(latency.p50), format_duration(latency.p99),
        format_duration(latency.max));
  if (after.deleting)
    print("{} deleted in {}: {:.0f} deletes/s\n", result.servers.size(), format_duration(*after.deleting),
          a_second(result.servers.size(), *after.deleting));
  if (result.failures.total() > 0) print("{} failed:\n{}", result.failures.total(), render_failures(result.failures));
  Table table({{"Daemon"}, {"CPU s", Align::kRight}, {"CPU us/launch", Align::kRight}, {"RSS MiB", Align::kRight}});
  for (const DaemonCost& cost : result.costs)
    table.add_row({cost.name, fmt::format("{:.2f}", cost.cpu_seconds), fmt::format("{:.0f}", us_a_launch(result, cost)),
                   fmt::format("{:.1f}", static_cast<double>(cost.rss_kb) / 1024)});
  print("\n");
  print_text(table.render(output_width()));
  if (options.keep) print("\nthe servers are kept in project {}\n", after.project);
}

// Whose costs are measured: none when the cloud runs elsewhere.
std::vector<CloudDaemon> daemons_of(const Globals& globals, const Session& session) {
  auto cloud = read_cloud_file(globals.state_dir.value);
  return cloud && cloud->grpc == session.endpoint() ? cloud->daemons : std::vector<CloudDaemon>();
}

// In a project of its own, which is deleted with its servers unless the user keeps them: `run`, and what it printed.
template <class Command, class Run>
auto measure(Session& admin, const Globals& globals, const Command& command, const std::string& name, const Run& run)
    -> decltype(run(admin, daemons_of(globals, admin))) {
  auto project = open_work_project(admin, globals.user.value, "", name);
  if (!project) return std::unexpected(project.error());
  auto result = run(*project->session, daemons_of(globals, admin));
  if (!result) return result;
  Aftermath after{project->name, std::nullopt};
  Expected<Duration> gone;
  if (!command.keep) {
    gone = delete_servers(*project->session, result->servers);
    if (gone) after.deleting = *gone;
  }
  if (globals.style.format != Format::kTable) {
    auto printed = print_object(globals.style, result_json(command, *result, after));
    if (!printed) return std::unexpected(printed.error());
  } else {
    print_result(command, *result, after);
  }
  std::fflush(stdout);
  if (command.keep) return result;
  if (!gone) return std::unexpected(gone.error());
  if (auto deleted = delete_work_project(admin, *project); !deleted) return std::unexpected(deleted.error());
  return result;
}

Expected<int> bench(Session& admin, const Globals& globals, const Options& options) {
  if (options.bench.count == 0 || options.bench.clients == 0 || options.bench.batch == 0)
    return fail(ErrorCode::kInvalidArgument, "--count, --clients and --batch are at least 1");
  auto result = measure(admin, globals, options, "bench", [&options](Session& session, const auto& daemons) {
    return run_bench(session, options.bench, daemons);
  });
  if (!result) return std::unexpected(result.error());
  return result->launched == 0 ? 1 : 0;
}

struct FloodCommand {
  FloodOptions flood;
  bool keep = false;
};

Json result_json(const FloodCommand& options, const FloodResult& result, const Aftermath& after) {
  Json daemons = Json::array();
  for (const DaemonCost& cost : result.costs)
    daemons.push_back({{"name", cost.name},
                       {"cpu_us", micros(cost.cpu_seconds)},
                       {"rss_kb", cost.rss_kb},
                       {"peak_rss_kb", cost.peak_kb}});
  return {{"count", options.flood.count},
          {"clients", options.flood.clients},
          {"admitted", result.servers.size()},
          {"refused", result.refusals.total()},
          {"refusals", failures_json(result.refusals)},
          {"active", result.active},
          {"failed", result.failures.total()},
          {"failures", failures_json(result.failures)},
          {"asked_us", result.asked.us},
          {"settled_us", result.settled.us},
          {"daemons", std::move(daemons)},
          {"project", options.keep ? Json(after.project) : Json(nullptr)}};
}

void print_result(const FloodCommand& options, const FloodResult& result, const Aftermath& after) {
  print("{} creates from {} clients in {}: {} admitted, {} refused\n{}", options.flood.count, options.flood.clients,
        format_duration(result.asked), result.servers.size(), result.refusals.total(),
        render_failures(result.refusals));
  print("of those admitted, {} are ACTIVE and {} in ERROR after {}\n{}", result.active, result.failures.total(),
        format_duration(result.settled), render_failures(result.failures));
  Table table({{"Daemon"}, {"CPU s", Align::kRight}, {"RSS MiB", Align::kRight}, {"Peak MiB", Align::kRight}});
  for (const DaemonCost& cost : result.costs)
    table.add_row({cost.name, fmt::format("{:.2f}", cost.cpu_seconds),
                   fmt::format("{:.1f}", static_cast<double>(cost.rss_kb) / 1024),
                   fmt::format("{:.1f}", static_cast<double>(cost.peak_kb) / 1024)});
  print("\n");
  print_text(table.render(output_width()));
  if (options.keep) print("\nthe servers are kept in project {}\n", after.project);
}

Expected<int> flood(Session& admin, const Globals& globals, const FloodCommand& options) {
  if (options.flood.count == 0 || options.flood.clients == 0)
    return fail(ErrorCode::kInvalidArgument, "--count and --clients are at least 1");
  auto result = measure(admin, globals, options, "flood", [&options](Session& session, const auto& daemons) {
    return run_flood(session, options.flood, daemons);
  });
  if (!result) return std::unexpected(result.error());
  return 0;
}

void add_flood(CLI::App& noun, Globals& globals) {
  auto options = std::make_shared<FloodCommand>();
  CLI::App* command =
      noun.add_subcommand("flood", "Creates as fast as calls are answered, and what became of them (admins)");
  command->add_option("--count", options->flood.count, "Calls, a server each");
  command->add_option("--clients", options->flood.clients, "Calls at once");
  command->add_option("--flavor", options->flood.flavor, "Size");
  command->add_option("--image", options->flood.image, "Image that they boot");
  command->add_flag("--keep", options->keep, "Leave the servers and the project");
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return flood(session, globals, *options); });
}

}  // namespace

void add_bench(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "bench", "Measure this cloud: launch, flood");
  auto options = std::make_shared<Options>();
  CLI::App* command = noun.add_subcommand("launch", "Measure launches per second, in a temporary project (admins)");
  command->add_option("--count", options->bench.count, "Servers");
  command->add_option("--clients", options->bench.clients, "Callers at once; each waits until its servers are ACTIVE");
  command->add_option("--batch", options->bench.batch, "Servers a call");
  command->add_option("--flavor", options->bench.flavor, "Size");
  command->add_option("--image", options->bench.image, "Image that they boot");
  command->add_flag("--keep", options->keep, "Leave the servers and the project");
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return bench(session, globals, *options); });
  add_flood(noun, globals);
}

}  // namespace kilonova::cli
