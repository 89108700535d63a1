// kilonova config: the options of a cloud.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "cli/cli.h"
#include "cli/client/cloud_place.h"
#include "cli/output/print.h"
#include "cli/output/records.h"
#include "cli/up/state_dir.h"
#include "daemon/config_file.h"
#include "daemon/loopback.h"
#include "rpc/node/cluster_secret.h"

namespace kilonova::cli {
namespace {

Expected<int> show(const Globals& globals) {
  Expected<std::string> directory = own_state_dir(globals, "kilonova config show");
  if (!directory) return std::unexpected(directory.error());
  Expected<ConfigFile> config = ConfigFile::read(up::StateDir(*directory).config_file());
  if (!config && config.error().code == ErrorCode::kNotFound)
    return fail(ErrorCode::kNotFound, fmt::format("{} has no cloud yet: kilonova up", *directory));
  if (!config) return std::unexpected(config.error());
  if (globals.style.format == Format::kTable) {
    print_text(config->text());
    return 0;
  }
  Json sections = Json::object();
  for (std::string_view section : kConfigSections)
    for (const ConfigEntry& entry : config->entries())
      if (entry.section == section) sections[entry.section][entry.key] = entry.value;
  return print_object(globals.style, Json{{"file", config->path()}, {"sections", std::move(sections)}});
}

Expected<int> role_secret(const std::string& file, const std::string& role) {
  Expected<std::string> whole = read_secret_file("cluster secret", file);
  if (!whole) return std::unexpected(whole.error());
  Expected<ClusterSecret> secret = ClusterSecret::parse(*whole);
  if (!secret) return std::unexpected(secret.error());
  if (!secret->key_for(Role::kCompute, Role::kNetwork) || !secret->key_for(Role::kApi, Role::kController))
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} holds a role's secret: the whole one is needed", file));
  for (Role one : {Role::kController, Role::kScheduler, Role::kNetwork, Role::kCompute, Role::kApi})
    if (to_string(one) == role) print_text(secret->for_role(one) + "\n");
  return 0;
}

}  // namespace

void add_config(CLI::App& app, Globals& globals) {
  CLI::App* config = app.add_subcommand("config", "The options of a cloud");
  config->group("Clouds");
  CLI::App* command = config->add_subcommand("show", "Print kilonova.conf of the state directory: what is not default");
  run_command(*command, globals, [&globals] { return show(globals); });
  auto file = std::make_shared<std::string>();
  auto role = std::make_shared<std::string>();
  CLI::App* secret = config->add_subcommand(
      "role-secret", "Print what daemons of one role need of a cluster secret, for the secret file of their machines");
  secret->add_option("ROLE", *role, "Of the daemons")
      ->required()
      ->check(CLI::IsMember({"controller", "scheduler", "network", "compute", "api"}));
  secret->add_option("--cluster-secret-file", *file, "The whole secret")->required()->type_name("FILE");
  run_command(*secret, globals, [file, role] { return role_secret(*file, *role); });
}

}  // namespace kilonova::cli
