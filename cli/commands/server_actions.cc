#include "domain/server_actions.h"

#include <memory>

#include "cli/client/watch.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"

namespace kilonova::cli {
namespace {

struct Options {
  ActOptions act;
  ServerActionKind action = ServerActionKind::kStop;
};

// As documents and the like; a person sees nothing where all went well, as with the `openstack` command.
Expected<int> print_as_now(Session& session, const std::vector<std::string>& ids, bool one, bool all_projects,
                           const OutputStyle& style) {
  Records records(server_columns());
  for (const std::string& id : ids) {
    Expected<v1::Server> server = get_server(session, id, all_projects);
    if (!server) return std::unexpected(server.error());
    if (one) return print_server(style, *server);
    records.add(server_cells(*server), to_json(*server));
  }
  return print_records(style, records);
}

// One verb, and an option for each action that has the same.
void add_verb(CLI::App& server, Globals& globals, const ServerActionInfo& plain) {
  auto options = std::make_shared<Options>();
  CLI::App* command = server.add_subcommand(std::string(plain.verb), std::string(plain.help));
  options->action = plain.action;
  for (const ServerActionInfo& info : server_actions()) {
    if (info.verb != plain.verb || info.option.empty()) continue;
    command->add_flag_callback(
        "--" + std::string(info.option), [options, action = info.action] { options->action = action; },
        std::string(info.help));
  }
  add_act_options(*command, options->act);
  run_with_session(*command, globals, [options, &globals](Session& session) {
    return act_on_servers(session, options->act, globals.style, [&](const std::string& id) -> Expected<> {
      v1::ServerActionRequest request;
      request.set_server(id);
      request.set_action(static_cast<v1::ServerActionKind>(options->action));
      auto reply = session.call(&v1::Cloud::Stub::ServerAction, request);
      return reply ? Expected<>() : std::unexpected(reply.error());
    });
  });
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

void add_act_options(CLI::App& command, ActOptions& options) {
  command.add_option("SERVER", options.servers, "Names or ids")->required();
  command.add_flag("--all-projects", options.all_projects, "In any project (admins)");
  command.add_flag("--wait", options.wait, "Wait until it is done; exit code 1 if a server ends in ERROR");
  add_timeout(command, options.timeout);
}

Expected<int> act_on_servers(Session& session, const ActOptions& options, const OutputStyle& style,
                             const std::function<Expected<>(const std::string& id)>& ask) {
  Expected<uint64_t> since = current_revision(session);
  if (!since) return std::unexpected(since.error());
  auto done = for_each_server(options.servers, style, [&](const std::string& name) -> Expected<std::string> {
    Expected<v1::Server> server = get_server(session, name, options.all_projects);
    if (!server) return std::unexpected(server.error());
    if (auto asked = ask(server->id()); !asked) return std::unexpected(asked.error());
    return server->id();
  });
  if (!done) return std::unexpected(done.error());
  int code = done->code;
  if (options.wait) {
    auto settled = wait_for_servers(session, done->ids,
                                    {.since = *since,
                                     .all_projects = options.all_projects,
                                     .timeout = options.timeout,
                                     .doing = style.is_text() ? "waiting" : ""});
    if (!settled) return std::unexpected(settled.error());
    if (!report_failures(session, style, *settled, options.all_projects) && code == kDone) code = kBadResult;
  }
  if (style.format == Format::kTable) return code;
  auto printed =
      print_as_now(session, done->ids, options.servers.size() == 1 && !done->ids.empty(), options.all_projects, style);
  return printed ? Expected<int>(code) : printed;
}

void add_server_actions(CLI::App& server, Globals& globals) {
  for (const ServerActionInfo& info : server_actions())
    if (info.option.empty() && !info.verb.empty()) add_verb(server, globals, info);
}

}  // namespace kilonova::cli
