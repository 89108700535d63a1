// kilonova fault kill, freeze, thaw, partition and heal: what happens to a cloud's processes, and between them.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
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
    if (!up::signal_process(daemon.pid, daemon.start_ticks, what.signal))
      return fail(ErrorCode::kConflict, fmt::format("{} (pid {}) does not run", daemon.name, daemon.pid));
    struck.push_back({{"name", daemon.name}, {"pid", daemon.pid}});
  }
  return globals.style.format == Format::kTable ? Expected<int>(0)
                                                : print_object(globals.style, Json{{"daemons", std::move(struck)}});
}

// Pairs of daemons, as the file that all of them watch (rpc/node/partitions.h) has them.
std::string partitions_file(const std::string& state_dir) { return state_dir + "/run/partitions"; }

Expected<int> partition(const Globals& globals, const std::vector<std::string>& names) {
  auto directory = own_state_dir(globals, "kilonova fault partition");
  if (!directory) return std::unexpected(directory.error());
  auto cloud = up::StateDir(*directory).running();
  if (!cloud) return std::unexpected(cloud.error());
  if (!*cloud) return fail(ErrorCode::kUnavailable, fmt::format("no cloud is running in {}: kilonova up", *directory));
  auto one = chosen(**cloud, {names[0]});
  auto other = chosen(**cloud, {names[1]});
  if (!one) return std::unexpected(one.error());
  if (!other) return std::unexpected(other.error());
  std::string text;
  for (const up::RunningDaemon& a : *one)
    for (const up::RunningDaemon& b : *other)
      if (a.name != b.name) text += fmt::format("{} {}\n", a.name, b.name);
  std::ofstream file(partitions_file(*directory), std::ios::app);
  file << text << std::flush;
  return file ? Expected<int>(0)
              : fail(ErrorCode::kDataLoss, fmt::format("{} cannot be written", partitions_file(*directory)));
}

Expected<int> heal(const Globals& globals) {
  auto directory = own_state_dir(globals, "kilonova fault heal");
  if (!directory) return std::unexpected(directory.error());
  std::error_code error;
  std::filesystem::remove(partitions_file(*directory), error);
  return error ? fail(ErrorCode::kDataLoss,
                      fmt::format("{} cannot be removed: {}", partitions_file(*directory), error.message()))
               : Expected<int>(0);
}

}  // namespace

void add_fault_daemons(CLI::App& fault, Globals& globals) {
  for (const Strike& what : kStrikes) {
    auto names = std::make_shared<std::vector<std::string>>();
    CLI::App* command = fault.add_subcommand(what.verb, what.description);
    command->add_option("DAEMON", *names, "As compute-0, or compute for all of the kind")->required();
    run_command(*command, globals, [names, &what, &globals] { return strike(globals, what, *names); });
  }
  auto names = std::make_shared<std::vector<std::string>>();
  CLI::App* cut = fault.add_subcommand("partition", "Cut two daemons, or two kinds of them, off from each other");
  cut->add_option("DAEMON", *names, "Two: as compute-0 or scheduler; a kind stands for all of it")
      ->required()
      ->expected(2);
  run_command(*cut, globals, [names, &globals] { return partition(globals, *names); });
  CLI::App* heal_command = fault.add_subcommand("heal", "End all partitions");
  run_command(*heal_command, globals, [&globals] { return heal(globals); });
}

}  // namespace kilonova::cli
