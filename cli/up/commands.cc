// kilonova up, down, status.
#include <fmt/format.h>
#include <signal.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include "cli/cli.h"
#include "cli/client/session.h"
#include "cli/output/print.h"
#include "cli/output/text.h"
#include "cli/up/detach.h"
#include "cli/up/state_dir.h"
#include "cli/up/supervisor.h"
#include "cli/up/up_options.h"
#include "daemon/options.h"
#include "daemon/secret_variable.h"

namespace kilonova::cli {
namespace {

constexpr int kDownLimitMs = 60'000;

std::string binary_dir() { return std::filesystem::read_symlink("/proc/self/exe").parent_path().string(); }

std::string now_text() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return to_iso8601(WallTime{int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000});
}

// Unlike fmt::print it never throws: a supervisor whose log is on a full disk has other things to do than to die, and all
// daemons with it.
void say(std::FILE* out, const std::string& text) {
  (void)std::fputs(text.c_str(), out);
  (void)std::fflush(out);
}

// What `up` prints when all daemons serve.
std::string greeting(const up::StateDir& state, const up::UpOptions& options, double took_s) {
  std::string command = state.path() == up::StateDir(default_state_dir()).path()
                            ? "kilonova"
                            : fmt::format("kilonova --state-dir {}", state.path());
  return fmt::format(
      "cloud is up after {:.2f} s\n"
      "  gRPC        {}{} (kilonova.v1.Cloud)\n"
      "  state       {}\n"
      "  logs        {}\n"
      "next:\n"
      "  {} server create --flavor m1.tiny --image cirros --wait web1\n"
      "  {} trace web1\n"
      "  {} down\n",
      took_s, options.tls.empty() ? "" : "https://", up::public_listen(options), state.path(), state.log_dir(), command,
      command, command);
}

struct UpRun {
  up::StateDir state;
  up::UpOptions options;
  std::vector<std::string> command_line;
};

// The lock is held. `report` hears once whether the cloud came up; then this lives until it is told to stop.
int supervise(UpRun& run, const up::Report& report, std::function<void(const std::string&)> say) {
  (void)take_secret_variable("OS_PASSWORD");  // the command's own affair: no daemon's environment shows it
  for (const char* variable : {"KILONOVA_ADMIN_PASSWORD", "KILONOVA_DEMO_PASSWORD"})
    if (auto password = take_secret_variable(variable))
      run.options.controller_variables.push_back(fmt::format("{}={}", variable, *password));
  up::Supervisor supervisor(run.state, up::daemons_of(run.options, run.state, binary_dir()),
                            up::public_address(run.options), !run.options.tls.empty(), run.command_line,
                            std::move(say));
  auto started = supervisor.start();
  report(started);
  if (!started) return 1;
  supervisor.run();
  return 0;
}

// Daemons of a supervisor that was killed are ending by themselves; their files must be free before ours start. Nobody holds
// the lock: a file that is not whole was being written when the machine stopped, and tells of nothing that still runs.
Expected<> await_leftovers(const up::StateDir& state) {
  auto cloud = state.read();
  if (!cloud && cloud.error().code != ErrorCode::kDataLoss) return std::unexpected(cloud.error());
  if (cloud && *cloud) {
    for (const up::RunningDaemon& daemon : (*cloud)->daemons) {
      if (up::wait_until_gone(daemon.pid, daemon.start_ticks, 10'000)) continue;
      ::kill(daemon.pid, SIGKILL);
      up::wait_until_gone(daemon.pid, daemon.start_ticks, 10'000);
    }
  }
  state.remove_cloud_file();
  return {};
}

Expected<int> run_up(UpRun run) {
  auto begun = wall_now();
  if (!run.options.hosts_file.empty() && ::access(run.options.hosts_file.c_str(), R_OK) != 0)
    return fail(ErrorCode::kNotFound, fmt::format("hosts file {} cannot be read", run.options.hosts_file));
  if (auto checked = up::check(run.options); !checked) return std::unexpected(checked.error());
  if (auto prepared = run.state.prepare(); !prepared) return std::unexpected(prepared.error());
  if (auto locked = run.state.lock(); !locked) return std::unexpected(locked.error());
  if (auto gone = await_leftovers(run.state); !gone) return std::unexpected(gone.error());
  auto took = [begun] { return static_cast<double>((wall_now() - begun).us) / 1e6; };
  if (run.options.detach) {
    auto up = up::run_detached(run.state.log_dir() + "/supervisor.log", [&run](const up::Report& report) {
      return supervise(run, report,
                       [](const std::string& line) { say(stdout, fmt::format("{} {}\n", now_text(), line)); });
    });
    if (!up) return std::unexpected(up.error());
    fmt::print("{}", greeting(run.state, run.options, took()));
    return 0;
  }
  Expected<> result;
  auto report = [&](const Expected<>& started) {
    result = started;
    if (!started) return;
    fmt::print("{}Ctrl-C ends it\n", greeting(run.state, run.options, took()));
    std::fflush(stdout);
  };
  int code = supervise(run, report, [](const std::string& line) { say(stderr, fmt::format("kilonova: {}\n", line)); });
  if (!result) return std::unexpected(result.error());
  return code;
}

// Nothing when no cloud runs there.
Expected<std::optional<up::CloudFile>> running_cloud(const up::StateDir& state) {
  if (!state.is_locked()) return std::nullopt;
  return state.read();
}

Expected<int> run_down(const Globals& globals) {
  up::StateDir state(globals.state_dir);
  auto found = running_cloud(state);
  if (!found) return std::unexpected(found.error());
  const std::optional<up::CloudFile>& cloud = *found;
  if (!cloud) {
    if (!globals.json) fmt::print("no cloud is running in {}\n", state.path());
    if (globals.json) print_json(Json{{"was_running", false}});
    return 0;
  }
  ::kill(cloud->supervisor, SIGTERM);
  if (!up::wait_until_gone(cloud->supervisor, cloud->supervisor_start_ticks, kDownLimitMs))
    return fail(ErrorCode::kDeadlineExceeded,
                fmt::format("the cloud (pid {}) did not stop within {} s", cloud->supervisor, kDownLimitMs / 1'000));
  if (globals.json) print_json(Json{{"was_running", true}});
  return 0;
}

struct DaemonLine {
  up::RunningDaemon daemon;
  bool running = false;
  double uptime_s = 0;
  up::ProcessUsage usage;
};

std::vector<DaemonLine> look_at(const up::CloudFile& cloud, const up::StateDir& state) {
  std::vector<DaemonLine> lines;
  for (const up::RunningDaemon& daemon : cloud.daemons) {
    DaemonLine line{daemon, up::is_running(daemon.pid, daemon.start_ticks), 0, {}};
    if (line.running) {
      line.uptime_s = static_cast<double>(wall_now().us - daemon.started_at_us) / 1e6;
      line.usage = up::usage(daemon.pid);
    } else if (line.daemon.last_end.empty()) {
      // The supervisor may not have been able to write it down.
      line.daemon.last_end = state.last_words(daemon.name);
      if (line.daemon.last_end.empty()) line.daemon.last_end = "ended; the supervisor has not written down why";
    }
    lines.push_back(line);
  }
  return lines;
}

// What the cloud says of itself; nothing when it cannot be asked (a daemon is down, other passwords).
std::optional<v1::CloudStatus> ask_cloud(const Globals& globals) {
  auto session = Session::open(globals);
  if (!session) return std::nullopt;
  auto reply = (*session)->call(&v1::Cloud::Stub::GetCloudStatus, v1::GetCloudStatusRequest());
  return reply ? std::optional(reply->status()) : std::nullopt;
}

Json status_json(const up::CloudFile& cloud, const std::vector<DaemonLine>& lines,
                 const std::optional<v1::CloudStatus>& status, const std::string& state_dir) {
  Json json{{"state_dir", state_dir},
            {"pid", cloud.supervisor},
            {"grpc", cloud.grpc},
            {"tls", cloud.tls},
            {"daemons", Json::array()}};
  for (const DaemonLine& line : lines)
    json["daemons"].push_back({{"name", line.daemon.name},
                               {"pid", line.daemon.pid},
                               {"state", line.running ? "running" : "dead"},
                               {"restarts", line.daemon.restarts},
                               {"last_end", line.daemon.last_end},
                               {"uptime_s", line.uptime_s},
                               {"rss_kb", line.usage.rss_kb},
                               {"cpu_s", line.usage.cpu_seconds}});
  if (status) {
    json["hosts"] = {{"total", status->hosts()}, {"up", status->hosts_up()}};
    json["servers"] = {{"total", status->servers()},
                       {"active", status->active()},
                       {"building", status->building()},
                       {"error", status->error()}};
    json["claim_conflicts"] = status->claim_conflicts();
    json["revision"] = status->revision();
  }
  return json;
}

Expected<int> run_status(const Globals& globals) {
  up::StateDir state(globals.state_dir);
  auto found = running_cloud(state);
  if (!found) return std::unexpected(found.error());
  const std::optional<up::CloudFile>& cloud = *found;
  if (!cloud)
    return fail(ErrorCode::kUnavailable,
                fmt::format("no cloud is running in {}: start one with `kilonova up`", state.path()));
  auto lines = look_at(*cloud, state);
  auto status = ask_cloud(globals);
  bool all_running = std::ranges::all_of(lines, &DaemonLine::running);
  if (globals.json) {
    print_json(status_json(*cloud, lines, status, state.path()));
    return all_running ? 0 : 1;
  }
  Table table({{"DAEMON"},
               {"STATE"},
               {"PID", Align::kRight},
               {"RESTARTS", Align::kRight},
               {"UPTIME", Align::kRight},
               {"MEMORY", Align::kRight},
               {"CPU", Align::kRight}});
  for (const DaemonLine& line : lines)
    table.add_row({line.daemon.name, line.running ? "running" : "dead", fmt::format("{}", line.daemon.pid),
                   fmt::format("{}", line.daemon.restarts), fmt::format("{:.0f} s", line.uptime_s),
                   format_bytes(line.usage.rss_kb * 1024), fmt::format("{:.2f} s", line.usage.cpu_seconds)});
  print_table(table);
  for (const DaemonLine& line : lines)
    if (!line.daemon.last_end.empty())
      fmt::print("{}{}: {}\n", line.daemon.name, line.running ? " before it was restarted" : "", line.daemon.last_end);
  fmt::print("gRPC {}{}, state {}\n", cloud->tls ? "https://" : "", cloud->grpc, state.path());
  if (status) {
    fmt::print("hosts {} of {} up; servers {}: {} active, {} building, {} error; {} claims refused by hosts\n",
               status->hosts_up(), status->hosts(), status->servers(), status->active(), status->building(),
               status->error(), status->claim_conflicts());
  } else {
    fmt::print("the cloud cannot be asked for its hosts and servers at the moment\n");
  }
  return all_running ? 0 : 1;
}

// Who may come in, and how.
void add_doors(CLI::App& command, up::UpOptions& options) {
  command
      .add_option("--grpc-listen", options.grpc_listen,
                  "HOST:PORT of the public gRPC service, instead of --grpc-port on loopback")
      ->excludes("--grpc-port");
  command.add_option("--tls-certificate", options.tls.certificate, "TLS for clients: what they are shown (PEM)");
  command.add_option("--tls-key", options.tls.key, "Its private key (PEM)");
  command.add_option("--tls-ca", options.tls.ca, "Clients too have to show a certificate, of this CA (PEM)");
  command.add_option(
      "--cluster-listen", options.cluster_listen,
      "HOST:PORT of the controller, the others on the ports behind it: daemons of other machines can join; "
      "default: unix sockets");
  add_cluster_options(command, options.secret_file, options.cluster_tls);
  command.add_option("--admin-password-file", options.admin_password_file,
                     "File with the password of user admin (or KILONOVA_ADMIN_PASSWORD), needed beyond loopback");
  command.add_option("--demo-password-file", options.demo_password_file,
                     "The same for user demo (KILONOVA_DEMO_PASSWORD)");
}

}  // namespace

void add_up(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand("up", "Start a cloud: a process for each daemon, until Ctrl-C or `down`");
  auto options = std::make_shared<up::UpOptions>();
  command->add_option("--hosts", options->hosts, "How many simulated hosts of one size")
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--hosts-file", options->hosts_file, "CSV file with a host a line, instead of --hosts");
  command->add_option("--hosts-columns", options->hosts_columns,
                      "Its columns: name=sn,vcpus=cpu_milli/1000,ram=memory_mib");
  command->add_option("--computes", options->computes, "Compute processes that share the hosts")
      ->check(CLI::Range(1, 64));
  command->add_option("--schedulers", options->schedulers, "Schedulers")->check(CLI::Range(1, 16));
  command->add_option("--driver", options->driver, "filter, or of 2011: chance, simple, zone");
  command->add_option("--timing", options->timing, "instant, realistic, or a file with the hypervisors' timing");
  command->add_option("--time-factor", options->time_factor, "All of it times this")->check(CLI::Range(0.0, 1000.0));
  command->add_option("--grpc-port", options->grpc_port, "Port of the public gRPC service")
      ->check(CLI::Range(1, 65'535));
  add_doors(*command, *options);
  command->add_option("--sync", options->sync, "normal: what is answered survives kill -9; full: power loss too")
      ->check(CLI::IsMember({"normal", "full"}));
  command->add_option("--log-level", options->log_level)->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  command->add_option("--log-format", options->log_format)->check(CLI::IsMember({"human", "json"}));
  command->add_option("--cpu-allocation-ratio", options->cpu_ratio, "vcpus sold for each one there is");
  command->add_option("--ram-allocation-ratio", options->ram_ratio, "Memory sold for what there is");
  command->add_option("--disk-allocation-ratio", options->disk_ratio, "Disk sold for what there is");
  command->add_option("--max-attempts", options->max_attempts, "Hosts that a launch may try")
      ->check(CLI::Range(1, 100));
  command->add_option("--max-unstable", options->max_unstable,
                      "Servers that may be under work at once; creates beyond are refused");
  add_seconds_option(*command, "--report-interval", options->report_interval, "Between two reports of a daemon");
  add_seconds_option(*command, "--service-down-time", options->service_down_time,
                     "A host that was not heard for so long is down; longer than two report intervals");
  add_seconds_option(*command, "--rpc-response-timeout", options->rpc_response_timeout,
                     "How long a call of another daemon may take");
  command->add_flag("--detach", options->detach, "Return when the cloud is up, and leave it running");
  run_command(*command, globals, [options, &globals] {
    std::string state_dir = std::filesystem::absolute(globals.state_dir).lexically_normal().string();
    return run_up(UpRun{up::StateDir(state_dir), *options, {"kilonova", "up"}});
  });
}

void add_down(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand("down", "Stop the cloud; its servers are there again after the next `up`");
  run_command(*command, globals, [&globals] { return run_down(globals); });
}

void add_status(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand("status", "The daemons, and what the cloud holds");
  run_command(*command, globals, [&globals] { return run_status(globals); });
}

}  // namespace kilonova::cli
