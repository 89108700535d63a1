// How the commands of `kilonova` hang together: each file of cli/commands (and cli/up) adds its part of the command
// tree with CLI11, and names with run_command() what the chosen command does once everything has been parsed.
//
// Exit codes: output/exit_codes.h.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "base/error.h"
#include "cli/output/style.h"
#include "cli/settings.h"

namespace kilonova::cli {

// The options of every command. Owned by main; outlives the CLI::App.
struct Globals {
  Setting state_dir;    // of the cloud: KILONOVA_STATE_DIR, or $XDG_STATE_HOME/kilonova
  Setting endpoint;     // of the public service: KILONOVA_ENDPOINT; cloud_place() says which of the two counts
  Setting ca;           // OS_CACERT
  Setting certificate;  // OS_CERT
  Setting key;          // OS_KEY
  Setting user;         // OS_USERNAME
  Setting password;     // OS_PASSWORD
  Setting project;      // OS_PROJECT_NAME
  OutputStyle style;

  std::function<Expected<int>()> run;  // of the command that was chosen; its value is the exit code
};

// What `command` does when it was chosen, and none of its verbs.
inline void run_command(CLI::App& command, Globals& globals, std::function<Expected<int>()> run) {
  command.callback([&command, &globals, run = std::move(run)] {
    if (command.get_subcommands().empty()) globals.run = run;
  });
}

// The global options and every command of cli/commands.
void add_commands(CLI::App& app, Globals& globals);

// Each in the file of its name. The app and the globals must outlive what was added.
void add_server(CLI::App& app, Globals& globals);
void add_aggregate(CLI::App& app, Globals& globals);
void add_flavor(CLI::App& app, Globals& globals);
void add_image(CLI::App& app, Globals& globals);
void add_console(CLI::App& app, Globals& globals);
void add_ec2(CLI::App& app, Globals& globals);
void add_keypair(CLI::App& app, Globals& globals);
void add_network(CLI::App& app, Globals& globals);
void add_identity(CLI::App& app, Globals& globals);  // project, user, role, token
void add_quota(CLI::App& app, Globals& globals);
void add_host(CLI::App& app, Globals& globals);  // host, service
void add_fault(CLI::App& app, Globals& globals);
void add_trace(CLI::App& app, Globals& globals);
void add_explain(CLI::App& app, Globals& globals);
void add_replay(CLI::App& app, Globals& globals);
void add_play(CLI::App& app, Globals& globals);
void add_bench(CLI::App& app, Globals& globals);
void add_openrc(CLI::App& app, Globals& globals);
void add_reset(CLI::App& app, Globals& globals);
void add_check(CLI::App& app, Globals& globals);
void add_export(CLI::App& app, Globals& globals);  // export, import
void add_completion(CLI::App& app, Globals& globals);
void add_wait(CLI::App& app, Globals& globals);
void add_events(CLI::App& app, Globals& globals);
void add_logs(CLI::App& app, Globals& globals);
void add_bundle(CLI::App& app, Globals& globals);
void add_help(CLI::App& app, Globals& globals);  // help, version

// cli/up: the processes of a cloud.
void add_up(CLI::App& app, Globals& globals);
void add_down(CLI::App& app, Globals& globals);
void add_status(CLI::App& app, Globals& globals);
void add_run(CLI::App& app, Globals& globals);
void add_clouds(CLI::App& app, Globals& globals);
void add_config(CLI::App& app, Globals& globals);
void add_fault_daemons(CLI::App& fault, Globals& globals);  // verbs of `kilonova fault`

}  // namespace kilonova::cli
