// kilonova run: a cloud for as long as one command takes.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "cli/bundle.h"
#include "cli/cli.h"
#include "cli/client/cloud_place.h"
#include "cli/output/report.h"
#include "cli/self.h"
#include "cli/up/cloud_config.h"
#include "cli/up/declare_options.h"
#include "cli/up/start.h"

namespace kilonova::cli {
namespace {

constexpr int kNotRun = 125;  // as `docker run` has it: it was this command that failed, not the other

volatile sig_atomic_t running_command = 0;

void pass_on(int signal) {
  if (running_command > 0) ::kill(running_command, signal);
}

struct Options {
  up::UpOptions up;
  std::string bundle;
  std::vector<std::string> command;
};

// A directory of our own, unless the user gave one. Short: sockets lie in it.
struct Place {
  std::string path;
  bool is_ours = false;
};

Expected<Place> find_place(const Globals& globals) {
  if (globals.state_dir.is_given()) return Place{*own_state_dir(globals, "kilonova run")};
  auto made = up::temporary_state_dir();
  if (!made) return std::unexpected(std::move(made.error()));
  return Place{*std::move(made), true};
}

Expected<pid_t> start_cloud(const up::UpRun& wanted, up::UpRun& started) {
  return up::with_port(wanted, [&started](up::UpRun run) -> Expected<pid_t> {
    if (auto prepared = up::prepare(run); !prepared) return std::unexpected(prepared.error());
    auto pid = up::run_attached(run.state.log_dir() + "/supervisor.log", [&run](const up::Report& report) {
      return up::supervise(run, report, [](const std::string& line) { up::say(stdout, line + "\n"); });
    });
    run.state.unlock();  // the cloud's process holds it
    up::let_stop();
    if (pid) started = std::move(run);
    return pid;
  });
}

// With the command's own words for its cloud: `kilonova server list` in it needs no option.
int run_command_in(const Globals& globals, const std::vector<std::string>& command) {
  Environment environment = environment_of(globals);
  const char* path = std::getenv("PATH");
  environment.emplace_back("PATH", program_dir() + (path != nullptr ? ":" + std::string(path) : ""));
  auto pid = start_program(command, environment);
  if (!pid) return kNotRun;
  running_command = *pid;
  int code = end_of_program(*pid);
  running_command = 0;
  return code;
}

Expected<int> run(Globals globals, CLI::App& command, Options& options) {
  for (int signal : {SIGTERM, SIGHUP}) ::signal(signal, pass_on);
  ::signal(SIGINT, SIG_IGN);  // Ctrl-C goes to the command too, which may have its own use for it
  auto place = find_place(globals);
  if (!place) return std::unexpected(place.error());
  auto remove = [&place] {
    std::error_code ignored;
    if (place->is_ours) std::filesystem::remove_all(place->path, ignored);
  };
  auto not_run = [&](const Error& why) {
    remove();
    report_error(globals.style, why);
    return kNotRun;
  };
  up::StateDir state(place->path);
  auto config = up::merge_config(command, options.up, state);
  if (!config) return not_run(config.error());
  up::UpRun wanted{state, options.up, *std::move(config), {"kilonova", "run"}};
  up::UpRun started = wanted;
  auto cloud = start_cloud(wanted, started);
  if (!cloud) return not_run(cloud.error());
  globals.state_dir = {place->path, Source::kGiven};
  globals.endpoint = {(started.options.tls.empty() ? "" : "https://") + up::public_address(started.options),
                      Source::kGiven};
  int code = run_command_in(globals, options.command);
  if (code != 0 && !options.bundle.empty()) {
    Globals of_directory = globals;
    of_directory.endpoint = {};
    auto written = write_bundle(of_directory, options.bundle);
    if (written) report_note(globals.style, "what happened in the cloud is in " + options.bundle);
    if (!written) report_error(globals.style, written.error());
  }
  ::kill(*cloud, SIGTERM);
  end_of_program(*cloud);
  remove();
  return code;
}

}  // namespace

void add_run(CLI::App& app, Globals& globals) {
  auto options = std::make_shared<Options>();
  options->up.grpc_port = 0;
  CLI::App* command = app.add_subcommand(
      "run",
      "Start a cloud, run a command with it, and end it; the exit code is the command's, or 125 without a cloud");
  command->group("Clouds");
  command
      ->add_option("COMMAND", options->command,
                   "Behind --: the command and its arguments; KILONOVA_ENDPOINT, "
                   "KILONOVA_STATE_DIR and OS_* tell it where the cloud is")
      ->required();
  command
      ->add_option("--bundle-on-failure", options->bundle,
                   "If the command fails, write what happened in the cloud to this file (see kilonova bundle)")
      ->type_name("FILE");
  up::add_up_options(*command, options->up);
  for (const char* option : {"--detach", "--temporary"}) command->remove_option(command->get_option(option));
  run_command(*command, globals, [command, options, &globals] { return run(globals, *command, *options); });
}

}  // namespace kilonova::cli
