#include <memory>

#include "cli/client/watch.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"
#include "domain/server_actions.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::vector<std::string> servers;
  ServerActionKind action = ServerActionKind::kStop;
  bool wait = false;
  Duration timeout;
};

Expected<std::string> act_on_one(Session& session, const std::string& name, ServerActionKind action) {
  Expected<v1::Server> server = get_server(session, name, false);
  if (!server) return std::unexpected(server.error());
  v1::ServerActionRequest request;
  request.set_server(server->id());
  request.set_action(static_cast<v1::ServerActionKind>(action));
  auto reply = session.call(&v1::Cloud::Stub::ServerAction, request);
  if (!reply) return std::unexpected(reply.error());
  return server->id();
}

// As documents and the like; a person sees nothing where all went well, as with the `openstack` command.
Expected<int> print_as_now(Session& session, const std::vector<std::string>& ids, bool one, const OutputStyle& style) {
  Records records(server_columns());
  for (const std::string& id : ids) {
    Expected<v1::Server> server = get_server(session, id, false);
    if (!server) return std::unexpected(server.error());
    if (one) return print_server(style, *server);
    records.add(server_cells(*server), to_json(*server));
  }
  return print_records(style, records);
}

Expected<int> act(Session& session, const Options& options, const OutputStyle& style) {
  Expected<uint64_t> since = current_revision(session);
  if (!since) return std::unexpected(since.error());
  auto done = for_each_server(options.servers, style,
                              [&](const std::string& name) { return act_on_one(session, name, options.action); });
  if (!done) return std::unexpected(done.error());
  int code = done->code;
  if (options.wait) {
    auto settled = wait_for_servers(
        session, done->ids, {.since = *since, .timeout = options.timeout, .doing = style.is_text() ? "waiting" : ""});
    if (!settled) return std::unexpected(settled.error());
    if (!report_failures(session, style, *settled, false) && code == kDone) code = kBadResult;
  }
  if (style.format == Format::kTable) return code;
  auto printed = print_as_now(session, done->ids, options.servers.size() == 1 && !done->ids.empty(), style);
  return printed ? Expected<int>(code) : printed;
}

// One verb, and an option for each action that has the same.
void add_verb(CLI::App& server, Globals& globals, const ServerActionInfo& plain) {
  auto options = std::make_shared<Options>();
  CLI::App* command = server.add_subcommand(std::string(plain.verb), std::string(plain.help));
  command->add_option("SERVER", options->servers, "Names or ids")->required();
  options->action = plain.action;
  for (const ServerActionInfo& info : server_actions()) {
    if (info.verb != plain.verb || info.option.empty()) continue;
    command->add_flag_callback(
        "--" + std::string(info.option), [options, action = info.action] { options->action = action; },
        std::string(info.help));
  }
  command->add_flag("--wait", options->wait, "Wait until it is done; exit code 1 if a server ends in ERROR");
  add_timeout(*command, options->timeout);
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return act(session, *options, globals.style); });
}

}  // namespace

Expected<ServersDone> for_each_server(const std::vector<std::string>& servers, const OutputStyle& style,
                                      const std::function<Expected<std::string>(const std::string&)>& act) {
  ServersDone done;
  for (const std::string& server : servers) {
    Expected<std::string> id = act(server);
    if (id) {
      done.ids.push_back(std::move(*id));
      continue;
    }
    if (servers.size() == 1 || id.error().code == ErrorCode::kUnavailable) return std::unexpected(id.error());
    report_error(style, id.error());
    if (done.code == kDone) done.code = exit_code_of(id.error().code);
  }
  return done;
}

void add_server_actions(CLI::App& server, Globals& globals) {
  for (const ServerActionInfo& info : server_actions())
    if (info.option.empty()) add_verb(server, globals, info);
}

}  // namespace kilonova::cli
