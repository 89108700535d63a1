// Access keys for clients of EC2. They are Keystone's records, which the gRPC service does not have.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "cli/client/keystone.h"
#include "cli/commands/command.h"

namespace kilonova::cli {
namespace {

using KeystoneCommand = std::function<Expected<int>(Keystone& keystone)>;

void run_with_keystone(CLI::App& command, Globals& globals, KeystoneCommand run) {
  run_command(command, globals, [&globals, run = std::move(run)]() -> Expected<int> {
    Expected<Keystone> keystone = Keystone::open(globals);
    if (!keystone) return std::unexpected(keystone.error());
    return run(*keystone);
  });
}

std::string path_of(const Keystone& keystone) {
  return fmt::format("/users/{}/credentials/OS-EC2", keystone.user_id());
}

std::string text_of(const Json& credential, const char* key) {
  return credential.is_object() && credential.contains(key) && credential[key].is_string()
             ? credential[key].get<std::string>()
             : std::string();
}

// With the names that every other command has; what Keystone calls them is older than its projects.
Json object_of(const Json& credential) {
  return {{"access", text_of(credential, "access")},
          {"secret", text_of(credential, "secret")},
          {"user_id", text_of(credential, "user_id")},
          {"project_id", text_of(credential, "tenant_id")}};
}

Expected<int> print_one(const Json& credential, const OutputStyle& style) {
  const Json object = object_of(credential);
  FieldTexts fields;
  for (const auto& [name, value] : object.items()) fields.emplace_back(name, value.get<std::string>());
  return print_record(style, fields, object);
}

Expected<Json> all_of(Keystone& keystone) {
  Expected<Json> reply = keystone.call("GET", path_of(keystone));
  if (!reply) return std::unexpected(reply.error());
  if (!reply->is_object() || !reply->contains("credentials") || !(*reply)["credentials"].is_array())
    return fail(ErrorCode::kInternal, "the cloud answered no list of credentials");
  return (*reply)["credentials"];
}

// Of all of the user: an access key may have characters that no path should have.
Expected<Json> find(Keystone& keystone, const std::string& access) {
  Expected<Json> all = all_of(keystone);
  if (!all) return std::unexpected(all.error());
  auto found = std::ranges::find_if(*all, [&](const Json& one) { return text_of(one, "access") == access; });
  if (found != all->end()) return *found;
  return fail(ErrorCode::kNotFound, fmt::format("access key '{}' not found", one_line(access)));
}

Expected<int> create(Keystone& keystone, const OutputStyle& style) {
  Expected<Json> made = keystone.call("POST", path_of(keystone), {{"tenant_id", keystone.project_id()}});
  if (!made) return std::unexpected(made.error());
  return print_one(made->value("credential", Json::object()), style);
}

Expected<int> list(Keystone& keystone, const OutputStyle& style) {
  Expected<Json> all = all_of(keystone);
  if (!all) return std::unexpected(all.error());
  Records records({{"Access", "access"}, {"Secret", "secret"}, {"Project", "project_id", Align::kLeft, 1}});
  for (const Json& one : *all)
    records.add({text_of(one, "access"), text_of(one, "secret"), text_of(one, "tenant_id")}, object_of(one));
  return print_records(style, records);
}

Expected<int> show(Keystone& keystone, const std::string& access, const OutputStyle& style) {
  Expected<Json> credential = find(keystone, access);
  if (!credential) return std::unexpected(credential.error());
  return print_one(*credential, style);
}

Expected<int> remove(Keystone& keystone, const std::vector<std::string>& keys) {
  for (const std::string& access : keys) {
    Expected<Json> credential = find(keystone, access);
    if (!credential) return std::unexpected(credential.error());
    auto gone = keystone.call("DELETE", path_of(keystone) + "/" + access);
    if (!gone) return std::unexpected(gone.error());
  }
  return 0;
}

}  // namespace

void add_ec2(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "ec2", "Clients of the EC2 API: credentials");
  CLI::App* credentials =
      noun.add_subcommand("credentials", "Their access keys and secrets: create, list, show, delete");
  credentials->require_subcommand(0, 1);
  CLI::App* create_command =
      credentials->add_subcommand("create", "An access key and its secret, for this user in this project");
  run_with_keystone(*create_command, globals,
                    [&globals](Keystone& keystone) { return create(keystone, globals.style); });
  CLI::App* list_command = credentials->add_subcommand("list", "The user's own, of all projects");
  run_with_keystone(*list_command, globals, [&globals](Keystone& keystone) { return list(keystone, globals.style); });
  auto keys = std::make_shared<std::vector<std::string>>();
  CLI::App* show_command = credentials->add_subcommand("show", "One, with its secret");
  show_command->add_option("ACCESS", *keys, "Access key")->required()->expected(1);
  run_with_keystone(*show_command, globals,
                    [keys, &globals](Keystone& keystone) { return show(keystone, keys->front(), globals.style); });
  CLI::App* delete_command = credentials->add_subcommand("delete", "What was signed with them is refused from now on");
  delete_command->add_option("ACCESS", *keys, "Access keys")->required();
  run_with_keystone(*delete_command, globals, [keys](Keystone& keystone) { return remove(keystone, *keys); });
}

}  // namespace kilonova::cli
