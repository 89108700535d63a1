// kilonova server set, unset, lock and unlock.
#include <memory>
#include <optional>

#include "cli/commands/command.h"
#include "cli/commands/server.h"
#include "cli/output/properties.h"

namespace kilonova::cli {
namespace {

struct Change {
  std::string server;
  std::string name;
  std::optional<std::string> description;
  std::vector<std::string> properties;  // "key=value", or keys of `unset`
  std::vector<std::string> tags;
  bool unset = false;
  bool unsets_description = false;
  bool all_projects = false;
  std::string state;  // "active" or "error", "" = stays
  std::optional<std::string> password;
};

// What is no property of it: each is a call of its own.
Expected<> change_state(Session& session, const Change& options) {
  if (!options.state.empty()) {
    v1::ResetServerStateRequest request;
    request.set_server(options.server);
    request.set_state(options.state == "active" ? v1::VM_STATE_ACTIVE : v1::VM_STATE_ERROR);
    auto reply = session.call(&v1::Cloud::Stub::ResetServerState, request);
    if (!reply) return std::unexpected(reply.error());
  }
  if (!options.password) return {};
  v1::ChangeServerPasswordRequest request;
  request.set_server(options.server);
  auto reply = session.call(&v1::Cloud::Stub::ChangeServerPassword, request);
  return reply ? Expected<>() : std::unexpected(reply.error());
}

Expected<int> change(Session& session, const Change& options, const OutputStyle& style) {
  v1::SetServerRequest request;
  request.set_server(options.server);
  request.set_all_projects(options.all_projects);
  request.set_name(options.name);
  request.set_description(options.description.value_or(""));
  request.set_sets_description(options.description.has_value() || options.unsets_description);
  if (options.unset) {
    request.mutable_unset_metadata()->Assign(options.properties.begin(), options.properties.end());
    request.mutable_remove_tags()->Assign(options.tags.begin(), options.tags.end());
  } else {
    if (auto added = add_properties(options.properties, request.mutable_set_metadata()); !added)
      return std::unexpected(added.error());
    request.mutable_add_tags()->Assign(options.tags.begin(), options.tags.end());
  }
  if (auto changed = change_state(session, options); !changed) return std::unexpected(changed.error());
  auto reply = session.call(&v1::Cloud::Stub::SetServer, request);
  if (!reply) return std::unexpected(reply.error());
  return print_server(style, reply->server());
}

struct Lock {
  std::vector<std::string> servers;
  std::string reason;
  bool all_projects = false;
};

Expected<int> lock(Session& session, const Lock& options, bool locked, const OutputStyle& style) {
  auto done = for_each_server(options.servers, style, [&](const std::string& server) -> Expected<std::string> {
    v1::LockServerRequest request;
    request.set_server(server);
    request.set_all_projects(options.all_projects);
    request.set_locked(locked);
    request.set_reason(options.reason);
    auto reply = session.call(&v1::Cloud::Stub::LockServer, request);
    if (!reply) return std::unexpected(reply.error());
    return server;
  });
  return done ? Expected<int>(done->code) : std::unexpected(done.error());
}

void add_change(CLI::App& server, Globals& globals, bool unset) {
  auto options = std::make_shared<Change>();
  options->unset = unset;
  CLI::App* command = server.add_subcommand(unset ? "unset" : "set",
                                            unset ? "Take description, properties or tags away from a server"
                                                  : "Change the name, description, properties or tags of a server");
  command->add_option("SERVER", options->server, "Name or id")->required();
  if (unset) {
    command->add_flag("--description", options->unsets_description, "Take the description away");
    add_repeated(*command, "--property", options->properties, "Key");
    add_repeated(*command, "--tag", options->tags, "Tag");
  } else {
    command->add_option("--name", options->name, "New name");
    command->add_option("--description", options->description, "New description");
    add_repeated(*command, "--property", options->properties, "key=value");
    add_repeated(*command, "--tag", options->tags, "Tag to add");
    command->add_option("--state", options->state, "Say that it is in this state, whatever is true (admins)")
        ->check(CLI::IsMember({"active", "error"}));
    command->add_option("--password", options->password,
                        "New password of the guest's administrator; simulated guests have none to change");
  }
  command->add_flag("--all-projects", options->all_projects, "In any project (admins)");
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return change(session, *options, globals.style); });
}

void add_lock(CLI::App& server, Globals& globals, bool locked) {
  auto options = std::make_shared<Lock>();
  CLI::App* command =
      server.add_subcommand(locked ? "lock" : "unlock", locked ? "Keep all but administrators from changing servers"
                                                               : "Let the owners of servers change them again");
  command->add_option("SERVER", options->servers, "Names or ids")->required();
  if (locked) command->add_option("--reason", options->reason, "Why, for who finds it locked");
  command->add_flag("--all-projects", options->all_projects, "In any project (admins)");
  run_with_session(*command, globals, [options, locked, &globals](Session& session) {
    return lock(session, *options, locked, globals.style);
  });
}

}  // namespace

void add_server_changes(CLI::App& server, Globals& globals) {
  add_change(server, globals, false);
  add_change(server, globals, true);
  add_lock(server, globals, true);
  add_lock(server, globals, false);
}

}  // namespace kilonova::cli
