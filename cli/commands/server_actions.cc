#include <memory>

#include "cli/client/watch.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string server;
  bool hard = false;
  bool wait = false;
};

Expected<int> act(Session& session, const Options& options, v1::PowerAction action, bool json) {
  Expected<uint64_t> since = current_revision(session);
  if (!since) return std::unexpected(since.error());
  Expected<v1::Server> server = get_server(session, options.server, false);
  if (!server) return std::unexpected(server.error());
  v1::ServerActionRequest request;
  request.set_server(server->id());
  request.set_action(action);
  auto reply = session.call(&v1::Cloud::Stub::ServerAction, request);
  if (!reply) return std::unexpected(reply.error());
  bool good = true;
  if (options.wait) {
    auto settled = wait_for_servers(session, {server->id()}, *since, WaitFor::kSettled, false, [](size_t) {});
    if (!settled) return std::unexpected(settled.error());
    good = report_failures(*settled);
  }
  if (json) {
    server = get_server(session, server->id(), false);
    if (!server) return std::unexpected(server.error());
    print_json(to_json(*server));
  }
  return good ? 0 : 1;
}

void add_action(CLI::App& server, Globals& globals, const char* name, const char* description,
                v1::PowerAction action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = server.add_subcommand(name, description);
  command->add_option("SERVER", options->server, "Name or id")->required();
  if (action == v1::POWER_ACTION_REBOOT) command->add_flag("--hard", options->hard, "Power cycle, not asking the guest");
  command->add_flag("--wait", options->wait, "Until it is done; exit code 1 when the server ends in ERROR");
  run_with_session(*command, globals, [options, action, &globals](Session& session) {
    return act(session, *options, options->hard ? v1::POWER_ACTION_REBOOT_HARD : action, globals.json);
  });
}

}  // namespace

void add_server_actions(CLI::App& server, Globals& globals) {
  add_action(server, globals, "stop", "Power a server off", v1::POWER_ACTION_STOP);
  add_action(server, globals, "start", "Power a server on", v1::POWER_ACTION_START);
  add_action(server, globals, "reboot", "Reboot a server", v1::POWER_ACTION_REBOOT);
}

}  // namespace kilonova::cli
