#include "cli/commands/server.h"

#include "cli/cli.h"
#include "cli/commands/command.h"

namespace kilonova::cli {

void add_server(CLI::App& app, Globals& globals) {
  CLI::App& server =
      add_noun(app, "server", "Servers: create, list, show, set, delete, lock, stop, start, reboot, ...");
  add_server_create(server, globals);
  add_server_list(server, globals);
  add_server_show(server, globals);
  add_server_delete(server, globals);
  add_server_actions(server, globals);
  add_server_changes(server, globals);
  add_server_rebuild(server, globals);
  add_server_step(server, globals);
  add_server_move(server, globals);
  add_server_interface(server, globals);
  add_server_image(server, globals);
  add_server_event(server, globals);
  add_server_group(server, globals);
}

}  // namespace kilonova::cli
