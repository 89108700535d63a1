#include <memory>

#include "cli/client/watch.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::vector<std::string> servers;
  bool all_projects = false;
  bool force = false;
  bool wait = false;
  Duration timeout;
};

Expected<std::string> delete_one(Session& session, const std::string& server, bool all_projects, bool force) {
  // By id from here on: of two servers that swap a name, the one that was meant is deleted.
  Expected<v1::Server> found = get_server(session, server, all_projects);
  if (!found) return std::unexpected(found.error());
  v1::DeleteServerRequest request;
  request.set_server(found->id());
  request.set_all_projects(all_projects);
  request.set_force(force);
  auto reply = session.call(&v1::Cloud::Stub::DeleteServer, request);
  if (!reply) return std::unexpected(reply.error());
  return found->id();
}

Expected<int> delete_servers(Session& session, const Options& options, const OutputStyle& style) {
  Expected<uint64_t> since = current_revision(session);
  if (!since) return std::unexpected(since.error());
  auto done = for_each_server(options.servers, style, [&](const std::string& server) {
    return delete_one(session, server, options.all_projects, options.force);
  });
  if (!done) return std::unexpected(done.error());
  if (options.wait) {
    auto gone = wait_for_servers(session, done->ids,
                                 {.goal = WaitFor::kDeleted,
                                  .since = *since,
                                  .all_projects = options.all_projects,
                                  .timeout = options.timeout,
                                  .doing = style.is_text() ? "deleting" : ""});
    if (!gone) return std::unexpected(gone.error());
  }
  if (style.format == Format::kTable) return done->code;
  auto printed = print_object(style, Json{{"deleted", done->ids}});
  return printed ? Expected<int>(done->code) : printed;
}

}  // namespace

void add_server_delete(CLI::App& server, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = server.add_subcommand("delete", "Delete servers, whatever state they are in");
  command->add_option("SERVER", options->servers, "Names or ids")->required();
  command->add_flag("--all-projects", options->all_projects, "In any project (admins)");
  command->add_flag("--force", options->force, "At once, also where the cloud keeps deleted servers for a while");
  command->add_flag("--wait", options->wait, "Wait until they are gone");
  add_timeout(*command, options->timeout);
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return delete_servers(session, *options, globals.style); });
}

}  // namespace kilonova::cli
