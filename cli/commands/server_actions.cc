#include <memory>

#include "cli/client/watch.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"
#include "domain/server_actions.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string server;
  ServerActionKind action = ServerActionKind::kStop;
  bool wait = false;
};

Expected<int> act(Session& session, const Options& options, bool json) {
  Expected<uint64_t> since = current_revision(session);
  if (!since) return std::unexpected(since.error());
  Expected<v1::Server> server = get_server(session, options.server, false);
  if (!server) return std::unexpected(server.error());
  v1::ServerActionRequest request;
  request.set_server(server->id());
  request.set_action(static_cast<v1::ServerActionKind>(options.action));
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

// One verb, and an option for each action that has the same.
void add_verb(CLI::App& server, Globals& globals, const ServerActionInfo& plain) {
  auto options = std::make_shared<Options>();
  CLI::App* command = server.add_subcommand(std::string(plain.verb), std::string(plain.help));
  command->add_option("SERVER", options->server, "Name or id")->required();
  options->action = plain.action;
  for (const ServerActionInfo& info : server_actions()) {
    if (info.verb != plain.verb || info.option.empty()) continue;
    command->add_flag_callback(
        "--" + std::string(info.option), [options, action = info.action] { options->action = action; },
        std::string(info.help));
  }
  command->add_flag("--wait", options->wait, "Until it is done; exit code 1 when the server ends in ERROR");
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return act(session, *options, globals.json); });
}

}  // namespace

void add_server_actions(CLI::App& server, Globals& globals) {
  for (const ServerActionInfo& info : server_actions())
    if (info.option.empty()) add_verb(server, globals, info);
}

}  // namespace kilonova::cli
