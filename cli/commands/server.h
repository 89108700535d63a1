// The verbs of `kilonova server`, each in a file of its own.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/client/server_wait.h"
#include "cli/client/session.h"

namespace kilonova::cli {

void add_server_create(CLI::App& server, Globals& globals);
void add_server_list(CLI::App& server, Globals& globals);
void add_server_show(CLI::App& server, Globals& globals);
void add_server_delete(CLI::App& server, Globals& globals);
void add_server_actions(CLI::App& server, Globals& globals);

Expected<v1::Server> get_server(Session& session, const std::string& server, bool all_projects);
void print_server(const v1::Server& server);

// Prints a line on standard error for each server that ended in ERROR or was deleted meanwhile, with its fault; true: none did.
bool report_failures(const std::map<std::string, SettledServer>& settled);

}  // namespace kilonova::cli
