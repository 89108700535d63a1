// kilonova up and down.
#include <fmt/format.h>
#include <signal.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/cli.h"
#include "cli/client/cloud_place.h"
#include "cli/client/session.h"
#include "cli/output/records.h"
#include "cli/up/cloud_config.h"
#include "cli/up/declare_options.h"
#include "cli/up/detach.h"
#include "cli/up/process.h"
#include "cli/up/start.h"
#include "cli/up/state_dir.h"
#include "cli/up/up_options.h"
#include "daemon/options.h"

namespace kilonova::cli {
namespace {

constexpr int kDownLimitMs = 60'000;

std::string now_text() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return to_iso8601(WallTime{int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000});
}

// What `up` prints when all daemons serve.
std::string greeting(const up::StateDir& state, const up::UpOptions& options, double took_s) {
  std::string command = state.path() == up::StateDir(default_state_dir()).path()
                            ? "kilonova"
                            : fmt::format("kilonova --state-dir {}", state.path());
  std::string hosts = options.hosts_file.empty() ? fmt::format("{}", options.hosts) : "of " + options.hosts_file;
  std::string http = fmt::format("{}://{}", options.tls.empty() ? "http" : "https", up::http_listen(options));
  return fmt::format(
      "cloud is up after {:.2f} s\n"
      "  gRPC        {}{} (kilonova.v1.Cloud)\n"
      "  OpenStack   {}/identity ({}/clouds.yaml)\n"
      "  EC2         {}/ec2 (keys: ec2 credentials create)\n"
      "  dashboard   {}/ (in a browser; log in as admin)\n"
      "  hosts       {}, driver {}, timing {}\n"
      "  state       {}\n"
      "  logs        {}\n"
      "{}"
      "next:\n"
      "  {} server create --flavor m1.tiny --image cirros --wait web1\n"
      "  {} trace web1\n"
      "  {} down\n",
      took_s, options.tls.empty() ? "" : "https://", up::public_listen(options), http, state.path(), http, http, hosts,
      options.driver, options.timing, state.path(), state.log_dir(),
      options.metrics ? fmt::format("  metrics     {} (for Prometheus)\n", state.metrics_targets()) : "", command,
      command, command);
}

// The same for programs.
Json greeting_json(const up::StateDir& state, const up::UpOptions& options, const ConfigFile& config, double took_s) {
  Json hosts = options.hosts_file.empty() ? Json(options.hosts) : Json(nullptr);
  Json greeting{
      {"state_dir", state.path()},
      {"grpc", up::public_address(options)},
      {"http", up::http_address(options)},
      {"tls", !options.tls.empty()},
      {"endpoint", (options.tls.empty() ? "" : "https://") + up::public_address(options)},
      {"auth_url", fmt::format("{}://{}/identity", options.tls.empty() ? "http" : "https", up::http_address(options))},
      {"clouds_yaml", state.clouds_yaml()},
      {"log_dir", state.log_dir()},
      {"hosts", std::move(hosts)},
      {"hosts_file", options.hosts_file.empty() ? Json(nullptr) : Json(options.hosts_file)},
      {"driver", options.driver},
      {"timing", options.timing},
      {"took_us", static_cast<int64_t>(took_s * 1e6)}};
  for (const up::DaemonSpec& daemon : up::daemons_of(options, config, state, ""))
    if (!daemon.metrics.empty()) greeting["metrics"][daemon.name] = daemon.metrics;
  return greeting;
}

void say_line(const std::string& line) { up::say(stdout, fmt::format("{} {}\n", now_text(), line)); }

Expected<int> run_up_once(up::UpRun run, const OutputStyle& style) {
  auto begun = wall_now();
  if (auto prepared = up::prepare(run); !prepared) return std::unexpected(prepared.error());
  auto greet = [&]() -> Expected<int> {
    auto took = static_cast<double>((wall_now() - begun).us) / 1e6;
    if (style.quiet) return 0;
    // A line, so that who starts a cloud in the background knows when it has heard all.
    if (style.format == Format::kJson && style.columns.empty()) {
      print_text(greeting_json(run.state, run.options, run.config, took).dump() + "\n");
      return 0;
    }
    if (style.format != Format::kTable)
      return print_object(style, greeting_json(run.state, run.options, run.config, took));
    print_text(greeting(run.state, run.options, took));
    return 0;
  };
  if (run.options.detach) {
    auto up = up::run_detached(run.state.log_dir() + "/supervisor.log",
                               [&run](const up::Report& report) { return up::supervise(run, report, say_line); });
    if (!up) {
      run.state.unlock();
      return std::unexpected(up.error());
    }
    return greet();
  }
  Expected<> result;
  auto report = [&](const Expected<>& started) {
    result = started;
    if (!started) return;
    (void)greet();
    if (style.is_text()) print_text("Ctrl-C ends it\n");
    std::fflush(stdout);
  };
  int code =
      up::supervise(run, report, [](const std::string& line) { up::say(stderr, fmt::format("kilonova: {}\n", line)); });
  if (!result) {
    run.state.unlock();
    return std::unexpected(result.error());
  }
  return code;
}

Expected<int> run_up(const up::UpRun& run, const OutputStyle& style) {
  return up::with_port(run, [&style](up::UpRun one) { return run_up_once(std::move(one), style); });
}

// A cloud that is starting has no cloud.json yet; its lock says who holds it. The one who took the lock may have handed it
// to a child meanwhile.
Expected<> end_holder(const up::StateDir& state, const std::optional<up::CloudFile>& cloud) {
  while (state.is_locked()) {
    auto holder = state.holder();
    if (!holder || !up::is_running(holder->pid, holder->start_ticks)) {
      if (cloud) holder = {cloud->supervisor, cloud->supervisor_start_ticks};
      if (!holder || !up::is_running(holder->pid, holder->start_ticks)) {
        if (!state.is_locked()) return {};
        return fail(ErrorCode::kUnavailable,
                    fmt::format("a process holds {}/lock, but none that `kilonova up` wrote down there: try again if a "
                                "cloud is being started, else end it by hand",
                                state.path()));
      }
    }
    if (!up::signal_process(holder->pid, holder->start_ticks, SIGTERM) &&
        up::is_running(holder->pid, holder->start_ticks))
      return fail(ErrorCode::kPermissionDenied, fmt::format("the cloud (pid {}) is another user's", holder->pid));
    if (!up::wait_until_gone(holder->pid, holder->start_ticks, kDownLimitMs))
      return fail(ErrorCode::kDeadlineExceeded,
                  fmt::format("the cloud (pid {}) did not stop within {} s", holder->pid, kDownLimitMs / 1'000));
  }
  return {};
}

Expected<int> run_down(const Globals& globals) {
  Expected<std::string> state_dir = own_state_dir(globals, "kilonova down");
  if (!state_dir) return std::unexpected(state_dir.error());
  up::StateDir state(*state_dir);
  auto found = state.running();
  if (!found) return std::unexpected(found.error());
  if (!state.is_locked()) {
    if (globals.style.format != Format::kTable) return print_object(globals.style, Json{{"was_running", false}});
    if (globals.style.is_text()) print("no cloud is running in {}\n", state.path());
    return 0;
  }
  if (auto ended = end_holder(state, *found); !ended) return std::unexpected(ended.error());
  if (globals.style.format != Format::kTable) return print_object(globals.style, Json{{"was_running", true}});
  return 0;
}

}  // namespace

void add_up(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand("up", "Start a cloud: a process for each daemon, until Ctrl-C or `down`");
  auto options = std::make_shared<up::UpOptions>();
  up::add_up_options(*command, *options);
  run_command(*command, globals, [command, options, &globals] {
    if (options->temporary && globals.state_dir.is_given())
      return Expected<int>(fail(ErrorCode::kInvalidArgument,
                                "--temporary makes a state directory of its own: give no --state-dir beside it"));
    Expected<std::string> state_dir =
        options->temporary ? up::temporary_state_dir() : own_state_dir(globals, "kilonova up");
    if (!state_dir) return Expected<int>(std::unexpected(state_dir.error()));
    up::StateDir state(*state_dir);
    Expected<ConfigFile> config = up::merge_config(*command, *options, state);
    auto result = config ? run_up(up::UpRun{state, *options, *std::move(config), {"kilonova", "up"}}, globals.style)
                         : Expected<int>(std::unexpected(std::move(config.error())));
    std::error_code ignored;
    if (options->temporary && !result) std::filesystem::remove_all(*state_dir, ignored);
    return result;
  });
}

void add_down(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand("down", "Stop the cloud; its servers are there again after the next `up`");
  run_command(*command, globals, [&globals] { return run_down(globals); });
}

}  // namespace kilonova::cli
