// project, user, role and token.
#include <memory>

#include "cli/cli.h"
#include "cli/client/new_password.h"
#include "cli/client/pages.h"
#include "cli/commands/command.h"

namespace kilonova::cli {
namespace {

Expected<v1::ListProjectsReply> read_projects(Session& session, const std::string& project) {
  v1::ListProjectsRequest request;
  request.set_project(project);
  return list_whole(session, &v1::Cloud::Stub::ListProjects, request);
}

Expected<int> list_projects(Session& session, const OutputStyle& style) {
  auto reply = read_projects(session, "");
  if (!reply) return std::unexpected(reply.error());
  Records records({{"ID", "id", Align::kLeft, 0, CellKind::kId}, {"Name", "name"}, {"Description", "description"}});
  for (const v1::Project& one : reply->projects()) records.add({one.id(), one.name(), one.description()}, to_json(one));
  return print_records(style, records);
}

Expected<int> print_project(const v1::Project& project, const OutputStyle& style) {
  return print_record(style,
                      {{"id", project.id()},
                       {"name", project.name()},
                       {"description", project.description()},
                       {"enabled", yes_no(project.enabled())}},
                      to_json(project));
}

Expected<int> show_project(Session& session, const std::string& project, const OutputStyle& style) {
  auto reply = read_projects(session, project);
  if (!reply) return std::unexpected(reply.error());
  if (reply->projects().empty()) return fail(ErrorCode::kNotFound, "project '" + project + "' not found");
  return print_project(reply->projects(0), style);
}

Expected<int> create_project(Session& session, const std::string& name, const std::string& description,
                             const OutputStyle& style) {
  v1::CreateProjectRequest request;
  request.set_name(name);
  request.set_description(description);
  auto reply = session.call(&v1::Cloud::Stub::CreateProject, request);
  if (!reply) return std::unexpected(reply.error());
  return print_project(reply->project(), style);
}

Expected<int> delete_project(Session& session, const std::string& project) {
  v1::DeleteProjectRequest request;
  request.set_project(project);
  auto reply = session.call(&v1::Cloud::Stub::DeleteProject, request);
  if (!reply) return std::unexpected(reply.error());
  return 0;
}

// With the roles of each: "admin in admin, member in demo".
Expected<int> list_users(Session& session, const OutputStyle& style) {
  auto reply = list_whole(session, &v1::Cloud::Stub::ListUsers, v1::ListUsersRequest());
  if (!reply) return std::unexpected(reply.error());
  auto projects = read_projects(session, "");
  if (!projects) return std::unexpected(projects.error());
  auto project_name = [&](const std::string& id) {
    for (const v1::Project& project : projects->projects())
      if (project.id() == id) return project.name();
    return id;
  };
  Records records({{"ID", "id", Align::kLeft, 0, CellKind::kId}, {"Name", "name"}, {"Roles", ""}});
  for (const v1::User& user : reply->users()) {
    Json roles = Json::array();
    std::string text;
    for (const v1::RoleAssignment& role : reply->roles()) {
      if (role.user_id() != user.id()) continue;
      std::string project = project_name(role.project_id());
      text += (text.empty() ? "" : ", ") + role_text(role.role()) + " in " + project;
      roles.push_back({{"project_id", role.project_id()}, {"project", project}, {"role", role_text(role.role())}});
    }
    Json object = to_json(user);
    object["roles"] = std::move(roles);
    records.add({user.id(), user.name(), text}, std::move(object));
  }
  return print_records(style, records);
}

Expected<int> create_user(Session& session, const std::string& name, const std::string& password,
                          const OutputStyle& style) {
  v1::CreateUserRequest request;
  request.set_name(name);
  request.set_password(password);
  auto reply = session.call(&v1::Cloud::Stub::CreateUser, request);
  if (!reply) return std::unexpected(reply.error());
  return print_record(style, {{"id", reply->user().id()}, {"name", reply->user().name()}}, to_json(reply->user()));
}

Expected<int> delete_user(Session& session, const std::string& user) {
  v1::DeleteUserRequest request;
  request.set_user(user);
  auto reply = session.call(&v1::Cloud::Stub::DeleteUser, request);
  if (!reply) return std::unexpected(reply.error());
  return 0;
}

struct RoleOptions {
  std::string role;
  std::string user;
  std::string project;
};

Expected<int> grant(Session& session, const RoleOptions& options, bool revoke) {
  v1::GrantRoleRequest request;
  request.set_user(options.user);
  request.set_project(options.project);
  request.set_role(revoke                     ? v1::USER_ROLE_UNSPECIFIED
                   : options.role == "admin"  ? v1::USER_ROLE_ADMIN
                   : options.role == "member" ? v1::USER_ROLE_MEMBER
                                              : v1::USER_ROLE_READER);
  auto reply = session.call(&v1::Cloud::Stub::GrantRole, request);
  if (!reply) return std::unexpected(reply.error());
  return 0;
}

void add_project(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "project", "Projects (admins): list, show, create, delete");
  CLI::App* list_command = noun.add_subcommand("list", "All projects");
  run_with_session(*list_command, globals,
                   [&globals](Session& session) { return list_projects(session, globals.style); });
  auto project = std::make_shared<std::string>();
  auto description = std::make_shared<std::string>();
  CLI::App* show_command = noun.add_subcommand("show", "One project");
  show_command->add_option("PROJECT", *project, "Name or id")->required();
  run_with_session(*show_command, globals,
                   [project, &globals](Session& session) { return show_project(session, *project, globals.style); });
  CLI::App* create_command = noun.add_subcommand("create", "A new project");
  create_command->add_option("NAME", *project, "Name")->required();
  create_command->add_option("--description", *description, "Description");
  run_with_session(*create_command, globals, [project, description, &globals](Session& session) {
    return create_project(session, *project, *description, globals.style);
  });
  CLI::App* delete_command = noun.add_subcommand("delete", "Delete a project that has no servers");
  delete_command->add_option("PROJECT", *project, "Name or id")->required();
  run_with_session(*delete_command, globals, [project](Session& session) { return delete_project(session, *project); });
}

void add_user(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "user", "Users (admins): list, create, delete");
  CLI::App* list_command = noun.add_subcommand("list", "All users and their roles");
  run_with_session(*list_command, globals, [&globals](Session& session) { return list_users(session, globals.style); });
  auto user = std::make_shared<std::string>();
  auto password = std::make_shared<NewPassword>();
  CLI::App* create_command = noun.add_subcommand("create", "A new user, still without a role");
  create_command->add_option("NAME", *user, "The user's name")->required();
  create_command->add_option("--password-file", password->file,
                             "A file with the user's password; - is standard input, not shown when it is typed");
  create_command->add_option("--password", password->text,
                             "The password itself, visible to other users in the process list");
  run_with_session(*create_command, globals, [user, password, &globals](Session& session) -> Expected<int> {
    auto read = read_new_password(*password);
    if (!read) return std::unexpected(read.error());
    return create_user(session, *user, *read, globals.style);
  });
  CLI::App* delete_command = noun.add_subcommand("delete", "Delete a user");
  delete_command->add_option("USER", *user, "Name or id")->required();
  run_with_session(*delete_command, globals, [user](Session& session) { return delete_user(session, *user); });
}

void add_role(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "role", "Roles of users in projects (admins): add, remove");
  for (bool revoke : {false, true}) {
    auto options = std::make_shared<RoleOptions>();
    CLI::App* command = noun.add_subcommand(
        revoke ? "remove" : "add", revoke ? "Take a user's role in a project" : "Give a user a role in a project");
    command->add_option("--user", options->user, "Name or id")->required();
    command->add_option("--project", options->project, "Name or id")->required();
    if (!revoke)
      command->add_option("ROLE", options->role, "reader, member or admin")
          ->required()
          ->check(CLI::IsMember({"reader", "member", "admin"}));
    run_with_session(*command, globals,
                     [options, revoke](Session& session) { return grant(session, *options, revoke); });
  }
}

Expected<int> rotate_token_key(Session& session, bool revoke_older) {
  v1::RotateTokenKeyRequest request;
  request.set_revoke_older(revoke_older);
  auto reply = session.call(&v1::Cloud::Stub::RotateTokenKey, request);
  if (!reply) return std::unexpected(reply.error());
  return 0;
}

void add_token(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "token", "What log-ins are proven by (admins)");
  CLI::App& key = add_noun(noun, "key", "The key that tokens are signed with: rotate");
  auto revoke_older = std::make_shared<bool>(false);
  CLI::App* command = key.add_subcommand(
      "rotate", "Sign tokens with a new key from now on; those of the two keys before stay good until they expire");
  command->add_flag("--revoke-older", *revoke_older, "No token of an earlier key is good any more: all log in again");
  run_with_session(*command, globals,
                   [revoke_older](Session& session) { return rotate_token_key(session, *revoke_older); });
}

}  // namespace

void add_identity(CLI::App& app, Globals& globals) {
  add_project(app, globals);
  add_user(app, globals);
  add_role(app, globals);
  add_token(app, globals);
}

}  // namespace kilonova::cli
