// The verbs of `kilonova server`, each in a file of its own.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/client/server_wait.h"
#include "cli/client/session.h"
#include "cli/output/records.h"

namespace kilonova::cli {

void add_server_create(CLI::App& server, Globals& globals);
void add_server_list(CLI::App& server, Globals& globals);
void add_server_show(CLI::App& server, Globals& globals);
void add_server_delete(CLI::App& server, Globals& globals);
void add_server_actions(CLI::App& server, Globals& globals);
void add_server_changes(CLI::App& server, Globals& globals);
void add_server_event(CLI::App& server, Globals& globals);
void add_server_rebuild(CLI::App& server, Globals& globals);
void add_server_step(CLI::App& server, Globals& globals);
void add_server_move(CLI::App& server, Globals& globals);
void add_server_interface(CLI::App& server, Globals& globals);
void add_server_image(CLI::App& server, Globals& globals);
void add_server_group(CLI::App& server, Globals& globals);

// What every verb takes that begins something on servers.
struct ActOptions {
  std::vector<std::string> servers;
  bool all_projects = false;
  bool wait = false;
  Duration timeout;
};
// SERVER..., --all-projects, --wait, --timeout. `options` must outlive the command.
void add_act_options(CLI::App& command, ActOptions& options);
// `ask` of each of the servers, by its id; waits where that is wanted, and prints the servers as they are then, but
// nothing as a table. The exit code.
Expected<int> act_on_servers(Session& session, const ActOptions& options, const OutputStyle& style,
                             const std::function<Expected<>(const std::string& id)>& ask);

// Every server of this host, which is down, is made anew on another one, or on `target`. The exit code.
Expected<int> evacuate_host(Session& session, const std::string& host, const std::string& target, bool wait,
                            Duration timeout, const OutputStyle& style);

// Which servers a command is about.
struct ServerFilter {
  bool all_projects = false;
  std::string name = {};
  std::string status = {};  // of any case
  std::string host = {};
  uint32_t limit = 0;  // 0 = all
  bool deleted = false;  // those that are gone, instead
};
// Newest first, in as many pages as it takes.
Expected<std::vector<v1::Server>> list_servers(Session& session, const ServerFilter& filter);

Expected<v1::Server> get_server(Session& session, const std::string& server, bool all_projects);
// One server as `server show` prints it.
Expected<int> print_server(const OutputStyle& style, const v1::Server& server);
// One image as `image show` prints it.
Expected<int> print_image(const OutputStyle& style, const v1::Image& image);
// What every list of servers shows of each.
std::vector<Records::Column> server_columns();
std::vector<std::string> server_cells(const v1::Server& server);

// What became of an action on several servers.
struct ServersDone {
  std::vector<std::string> ids;  // of those that it was done to
  int code = 0;                  // the exit code of the first that was refused
};

// `act` on each of the servers, by name or id; it returns the server's id. One that is refused is reported and does not
// keep the others. The error, when it is the only server, or the cloud is not there.
Expected<ServersDone> for_each_server(const std::vector<std::string>& servers, const OutputStyle& style,
                                      const std::function<Expected<std::string>(const std::string&)>& act);

// Says on standard error which servers ended in ERROR, with the cause, or were deleted meanwhile; true: none.
bool report_failures(Session& session, const OutputStyle& style, const std::map<std::string, SettledServer>& settled,
                     bool all_projects);

}  // namespace kilonova::cli
