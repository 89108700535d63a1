// How the commands of `kilonova` hang together: each file of cli/commands (and cli/up) adds its part of the command tree with
// CLI11, and names with run_command() what the chosen command does once everything has been parsed.
//
// Exit codes: 0 done, 1 failed (one line on standard error says why), 2 wrong use; `check` also 3, it could not be checked.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "base/error.h"
#include "rpc/node/tls_files.h"

namespace kilonova::cli {

// The options of every command. Owned by main; outlives the CLI::App.
struct Globals {
  std::string state_dir;       // of the cloud: KILONOVA_STATE_DIR, or $XDG_STATE_HOME/kilonova
  bool json = false;           // one JSON document on standard output instead of text
  std::string endpoint;  // "host:port" or "https://host:port" of the public service; "" = as cloud.json of the state
                         // directory says
  TlsFiles tls;          // OS_CACERT, OS_CERT, OS_KEY
  std::string user = "admin";  // OS_USERNAME
  std::string password = "kilonova";  // OS_PASSWORD
  std::string project = "admin";      // OS_PROJECT_NAME

  std::function<Expected<int>()> run;  // of the command that was chosen; its value is the exit code
};

// What `command` does when it was chosen.
inline void run_command(CLI::App& command, Globals& globals, std::function<Expected<int>()> run) {
  command.callback([&globals, run = std::move(run)] { globals.run = run; });
}

// The global options and every command of cli/commands.
void add_commands(CLI::App& app, Globals& globals);

// Each in the file of its name. The app and the globals must outlive what was added.
void add_server(CLI::App& app, Globals& globals);
void add_flavor(CLI::App& app, Globals& globals);
void add_image(CLI::App& app, Globals& globals);
void add_keypair(CLI::App& app, Globals& globals);
void add_network(CLI::App& app, Globals& globals);
void add_identity(CLI::App& app, Globals& globals);  // project, user, role
void add_quota(CLI::App& app, Globals& globals);
void add_host(CLI::App& app, Globals& globals);  // host, service
void add_fault(CLI::App& app, Globals& globals);
void add_trace(CLI::App& app, Globals& globals);
void add_explain(CLI::App& app, Globals& globals);
void add_replay(CLI::App& app, Globals& globals);
void add_bench(CLI::App& app, Globals& globals);
void add_openrc(CLI::App& app, Globals& globals);
void add_check(CLI::App& app, Globals& globals);
void add_export(CLI::App& app, Globals& globals);  // export, import
void add_completion(CLI::App& app, Globals& globals);

// cli/up: the processes of a cloud.
void add_up(CLI::App& app, Globals& globals);
void add_down(CLI::App& app, Globals& globals);
void add_status(CLI::App& app, Globals& globals);

}  // namespace kilonova::cli
