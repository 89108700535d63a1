// kilonova fault kill, freeze and thaw: what happens to a cloud's processes.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/client/cloud_place.h"
#include "cli/output/records.h"
#include "cli/up/process.h"
#include "cli/up/state_dir.h"

namespace kilonova::cli {
namespace {

struct Strike {
  const char* verb;
  int signal;
  const char* description;
};

constexpr Strike kStrikes[] = {
    {"kill", SIGKILL, "Kill daemons as kill -9 does; the supervisor starts them again"},
    {"freeze", SIGSTOP, "Freeze daemons: they keep their connections and answer nobody"},
    {"thaw", SIGCONT, "Let frozen daemons go on"},
};

// "compute-0" is one, "compute" all of its kind.
Expected<std::vector<up::RunningDaemon>> chosen(const up::CloudFile& cloud, const std::vector<std::string>& names) {
  std::vector<up::RunningDaemon> found;
  for (const std::string& name : names) {
    size_t before = found.size();
    for (const up::RunningDaemon& daemon : cloud.daemons)
      if (daemon.name == name || daemon.name.substr(0, daemon.name.rfind('-')) == name) found.push_back(daemon);
    if (found.size() > before) continue;
    std::string all;
    for (const up::RunningDaemon& daemon : cloud.daemons) all += (all.empty() ? "" : ", ") + daemon.name;
    return fail(ErrorCode::kNotFound, fmt::format("there is no daemon '{}': there are {}", name, all));
  }
  return found;
}

Expected<int> strike(const Globals& globals, const Strike& what, const std::vector<std::string>& names) {
  auto directory = own_state_dir(globals, fmt::format("kilonova fault {}", what.verb));
  if (!directory) return std::unexpected(directory.error());
  auto cloud = up::StateDir(*directory).running();
  if (!cloud) return std::unexpected(cloud.error());
  if (!*cloud) return fail(ErrorCode::kUnavailable, fmt::format("no cloud is running in {}: kilonova up", *directory));
  auto daemons = chosen(**cloud, names);
  if (!daemons) return std::unexpected(daemons.error());
  Json struck = Json::array();
  for (const up::RunningDaemon& daemon : *daemons) {
    // A pid of cloud.json may be another process's by now.
    if (!up::is_running(daemon.pid, daemon.start_ticks) || ::kill(daemon.pid, what.signal) != 0)
      return fail(ErrorCode::kConflict, fmt::format("{} (pid {}) does not run", daemon.name, daemon.pid));
    struck.push_back({{"name", daemon.name}, {"pid", daemon.pid}});
  }
  return globals.style.format == Format::kTable ? Expected<int>(0)
                                                : print_object(globals.style, Json{{"daemons", std::move(struck)}});
}

}  // namespace

void add_fault_daemons(CLI::App& fault, Globals& globals) {
  for (const Strike& what : kStrikes) {
    auto names = std::make_shared<std::vector<std::string>>();
    CLI::App* command = fault.add_subcommand(what.verb, what.description);
    command->add_option("DAEMON", *names, "As compute-0, or compute for all of the kind")->required();
    run_command(*command, globals, [names, &what, &globals] { return strike(globals, what, *names); });
  }
}

}  // namespace kilonova::cli
