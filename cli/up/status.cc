// kilonova status: the processes of a state directory's cloud and what that cloud holds, or, of an endpoint elsewhere,
// what the cloud there says of itself. Never the one of this and the other of that.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/cli.h"
#include "cli/client/cloud_place.h"
#include "cli/client/session.h"
#include "cli/output/exit_codes.h"
#include "cli/output/records.h"
#include "cli/output/text.h"
#include "cli/output/views.h"
#include "cli/up/process.h"
#include "cli/up/state_dir.h"
#include "daemon/options.h"

namespace kilonova::cli {
namespace {

Expected<int> with_code(int code, const Expected<int>& printed) { return printed ? Expected<int>(code) : printed; }

struct DaemonLine {
  up::RunningDaemon daemon;
  bool running = false;
  bool frozen = false;
  double uptime_s = 0;
  up::ProcessUsage usage;
};

std::string state_text(const DaemonLine& line) { return line.frozen ? "frozen" : line.running ? "running" : "dead"; }

std::vector<DaemonLine> look_at(const up::CloudFile& cloud, const up::StateDir& state) {
  std::vector<DaemonLine> lines;
  for (const up::RunningDaemon& daemon : cloud.daemons) {
    DaemonLine line{daemon, up::is_running(daemon.pid, daemon.start_ticks), false, 0, {}};
    if (line.running) {
      line.frozen = up::is_frozen(daemon.pid);
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

void add_contents(Json& json, const v1::CloudStatus& status) {
  if (status.has_hosts()) json["hosts"] = {{"total", status.hosts()}, {"up", status.hosts_up()}};
  json["servers"] = {{"total", status.servers()},
                     {"active", status.active()},
                     {"building", status.building()},
                     {"error", status.error()}};
  if (status.has_claim_conflicts()) json["claim_conflicts"] = status.claim_conflicts();
  json["revision"] = status.revision();
}

std::string contents_text(const v1::CloudStatus& status) {
  std::string hosts;
  if (status.has_hosts())
    hosts = fmt::format("hosts {} of {} up; {} claims refused by hosts\n", status.hosts_up(), status.hosts(),
                        status.claim_conflicts());
  return hosts + fmt::format("servers {}: {} active, {} building, {} error\n", status.servers(), status.active(),
                             status.building(), status.error());
}

Json status_json(const up::CloudFile& cloud, const std::vector<DaemonLine>& lines,
                 const std::optional<v1::CloudStatus>& status, const std::string& state_dir) {
  Json json{{"state_dir", state_dir}, {"pid", cloud.supervisor}, {"grpc", cloud.grpc},
            {"http", cloud.http},     {"tls", cloud.tls},        {"daemons", Json::array()}};
  for (const DaemonLine& line : lines) {
    json["daemons"].push_back({{"name", line.daemon.name},
                               {"pid", line.daemon.pid},
                               {"state", state_text(line)},
                               {"restarts", line.daemon.restarts},
                               {"last_end", line.daemon.last_end},
                               {"uptime_us", static_cast<int64_t>(line.uptime_s * 1e6)},
                               {"rss_kb", line.usage.rss_kb},
                               {"cpu_us", static_cast<int64_t>(line.usage.cpu_seconds * 1e6)}});
    if (!line.daemon.metrics.empty()) json["daemons"].back()["metrics"] = line.daemon.metrics;
  }
  if (status) add_contents(json, *status);
  return json;
}

Expected<int> local_status(const Globals& globals, const up::StateDir& state, const up::CloudFile& cloud) {
  auto lines = look_at(cloud, state);
  auto status = ask_cloud(globals);
  bool all_running = std::ranges::all_of(lines, [](const DaemonLine& line) { return line.running && !line.frozen; });
  int code = all_running ? kDone : kBadResult;
  Json json = status_json(cloud, lines, status, state.path());
  if (globals.style.is_document()) return with_code(code, print_object(globals.style, json));
  Records records({{"Daemon", "name"},
                   {"State", "state", Align::kLeft, 0, CellKind::kStatus},
                   {"PID", "pid", Align::kRight},
                   {"Restarts", "restarts", Align::kRight},
                   {"Uptime", "", Align::kRight},
                   {"Memory", "", Align::kRight},
                   {"CPU", "", Align::kRight}});
  for (size_t i = 0; i < lines.size(); ++i) {
    const DaemonLine& line = lines[i];
    records.add({line.daemon.name, state_text(line), fmt::format("{}", line.daemon.pid),
                 fmt::format("{}", line.daemon.restarts), fmt::format("{:.0f} s", line.uptime_s),
                 format_bytes(line.usage.rss_kb * 1024), fmt::format("{:.2f} s", line.usage.cpu_seconds)},
                json["daemons"][i]);
  }
  if (auto printed = print_records(globals.style, records); !printed || !globals.style.is_text())
    return with_code(code, printed);
  for (const DaemonLine& line : lines)
    if (!line.daemon.last_end.empty())
      print("{}{}: {}\n", line.daemon.name, line.running ? " before it was restarted" : "", line.daemon.last_end);
  std::string metrics;
  for (const DaemonLine& line : lines)
    if (!line.daemon.metrics.empty()) metrics += fmt::format(" {} {}", line.daemon.name, line.daemon.metrics);
  if (!metrics.empty()) print("metrics{}\n", metrics);
  print("gRPC {}{}, OpenStack {}://{}, state {}\n", cloud.tls ? "https://" : "", cloud.grpc,
        cloud.tls ? "https" : "http", cloud.http, state.path());
  if (status)
    print("{}", contents_text(*status));
  else
    print("the cloud cannot be asked for its hosts and servers at the moment\n");
  return code;
}

// Its processes are somebody else's: what the controller knows of the daemons stands in for them, where an admin asks.
Expected<int> remote_status(const Globals& globals, const CloudPlace& place) {
  auto session = Session::open(globals);
  if (!session) return std::unexpected(session.error());
  auto status = (*session)->call(&v1::Cloud::Stub::GetCloudStatus, v1::GetCloudStatusRequest());
  if (!status) return std::unexpected(status.error());
  auto services = (*session)->call(&v1::Cloud::Stub::ListServices, v1::ListServicesRequest());
  if (!services && services.error().code != ErrorCode::kPermissionDenied) return std::unexpected(services.error());
  v1::ListServicesReply daemons = services.value_or(v1::ListServicesReply());
  bool all_connected = std::ranges::all_of(daemons.services(), [](const auto& one) { return one.connected(); });
  bool tls = place.https || !place.tls.empty();
  int code = all_connected ? kDone : kBadResult;
  Json json{
      {"state_dir", nullptr}, {"pid", nullptr}, {"grpc", place.endpoint}, {"tls", tls}, {"daemons", Json::array()}};
  Records records({{"Daemon", "name"}, {"State", "state", Align::kLeft, 0, CellKind::kStatus}, {"Since", ""}});
  for (const v1::Service& one : daemons.services()) {
    json["daemons"].push_back({{"name", one.name()}, {"state", one.connected() ? "connected" : "gone"}});
    records.add({one.name(), one.connected() ? "connected" : "gone", time_text(one.connected_since_us())},
                json["daemons"].back());
  }
  add_contents(json, status->status());
  if (globals.style.is_document()) return with_code(code, print_object(globals.style, json));
  if (auto printed = print_records(globals.style, records); !printed || !globals.style.is_text())
    return with_code(code, printed);
  print("gRPC {}{}; its processes are not of the state directory {}\n{}", tls ? "https://" : "", place.endpoint,
        place.state_dir, contents_text(status->status()));
  return code;
}

// The port of the cloud that runs in the state directory, or the socket of its api-server.
bool is_of(const std::string& endpoint, const up::CloudFile& cloud, const std::string& state_dir) {
  constexpr std::string_view kName = "localhost:";
  std::string address = endpoint.starts_with(kName) ? "127.0.0.1:" + endpoint.substr(kName.size()) : endpoint;
  return address == cloud.grpc || address == default_listen(state_dir, {Role::kApi, 0});
}

Expected<int> run_status(const Globals& globals) {
  Expected<CloudPlace> place = cloud_place(globals);
  if (!place) return std::unexpected(place.error());
  up::StateDir state(place->state_dir);
  auto found = state.running();
  if (!found) return std::unexpected(found.error());
  const std::optional<up::CloudFile>& cloud = *found;
  if (!place->endpoint.empty() && !(cloud && is_of(place->endpoint, *cloud, state.path())))
    return remote_status(globals, *place);
  if (!cloud)
    return fail(ErrorCode::kUnavailable,
                fmt::format("no cloud is running in {}: start one with `kilonova up`", state.path()));
  return local_status(globals, state, *cloud);
}

}  // namespace

void add_status(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand("status", "The daemons, and what the cloud holds");
  run_command(*command, globals, [&globals] { return run_status(globals); });
}

}  // namespace kilonova::cli
