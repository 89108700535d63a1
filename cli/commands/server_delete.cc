#include <fmt/format.h>

#include <memory>

#include "cli/client/watch.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"
#include "cli/output/progress.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::vector<std::string> servers;
  bool all_projects = false;
  bool wait = false;
};

Expected<std::string> delete_one(Session& session, const std::string& server, bool all_projects) {
  // By id from here on: of two servers that swap a name, the one that was meant is deleted.
  Expected<v1::Server> found = get_server(session, server, all_projects);
  if (!found) return std::unexpected(found.error());
  v1::DeleteServerRequest request;
  request.set_server(found->id());
  request.set_all_projects(all_projects);
  auto reply = session.call(&v1::Cloud::Stub::DeleteServer, request);
  if (!reply) return std::unexpected(reply.error());
  return found->id();
}

// One that cannot be deleted does not keep the others.
Expected<int> delete_servers(Session& session, const Options& options, bool json) {
  Expected<uint64_t> since = current_revision(session);
  if (!since) return std::unexpected(since.error());
  std::vector<std::string> deleted;
  bool good = true;
  for (const std::string& server : options.servers) {
    Expected<std::string> id = delete_one(session, server, options.all_projects);
    if (id) {
      deleted.push_back(std::move(*id));
      continue;
    }
    if (id.error().code == ErrorCode::kUnavailable) return std::unexpected(id.error());
    fmt::print(stderr, "kilonova: {}\n", one_line(id.error().message));
    good = false;
  }
  if (options.wait) {
    Progress progress("deleting", deleted.size());
    auto gone = wait_for_servers(session, deleted, *since, WaitFor::kDeleted, options.all_projects,
                                 [&](size_t done) { progress.show(done); });
    if (!gone) return std::unexpected(gone.error());
  }
  if (json) print_json(Json{{"deleted", deleted}});
  return good ? 0 : 1;
}

}  // namespace

void add_server_delete(CLI::App& server, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = server.add_subcommand("delete", "Delete servers, whatever state they are in");
  command->add_option("SERVER", options->servers, "Names or ids")->required();
  command->add_flag("--all-projects", options->all_projects, "In any project (admins)");
  command->add_flag("--wait", options->wait, "Until they are gone");
  run_with_session(*command, globals, [options, &globals](Session& session) {
    return delete_servers(session, *options, globals.json);
  });
}

}  // namespace kilonova::cli
