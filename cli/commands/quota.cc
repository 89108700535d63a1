#include <memory>
#include <optional>

#include "cli/cli.h"
#include "cli/commands/command.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string project;
  std::string user;
  std::optional<int64_t> instances;
  std::optional<int64_t> cores;
  std::optional<int64_t> ram;
  std::optional<int64_t> server_groups;
  std::optional<int64_t> server_group_members;
  std::optional<int64_t> key_pairs;
  std::optional<int64_t> metadata_items;
  std::optional<int64_t> injected_files;
  std::optional<int64_t> injected_file_size;
  std::optional<int64_t> injected_path_size;
  bool force = false;
  bool defaults = false;
};

std::string limit_text(int64_t limit) { return limit < 0 ? "unlimited" : std::to_string(limit); }

// A row for each resource; as a document, one object of them all.
Expected<int> print_quota(const v1::Quota& quota, const v1::QuotaUsage& usage, const OutputStyle& style) {
  if (style.is_document()) return print_object(style, to_json(quota, usage));
  Records records({{"Resource", "resource"}, {"Limit", "limit", Align::kRight}, {"Used", "used", Align::kRight}});
  auto add = [&records](const char* title, const char* key, int64_t limit, std::optional<int64_t> used) {
    records.add({title, limit_text(limit), used ? std::to_string(*used) : "-"},
                Json{{"resource", key}, {"limit", limit}, {"used", used ? Json(*used) : Json(nullptr)}});
  };
  add("Instances", "instances", quota.instances(), usage.instances());
  add("VCPUs", "vcpus", quota.cores(), usage.cores());
  add("RAM MiB", "memory_mb", quota.ram_mb(), usage.ram_mb());
  add("Server groups", "server_groups", quota.server_groups(), usage.server_groups());
  add("Servers of a group", "server_group_members", quota.server_group_members(), std::nullopt);
  add("Key pairs of a user", "key_pairs", quota.key_pairs(), std::nullopt);
  add("Properties of a server", "metadata_items", quota.metadata_items(), std::nullopt);
  add("Injected files of a server", "injected_files", quota.injected_files(), std::nullopt);
  return print_records(style, records);
}

Expected<int> show(Session& session, const Options& options, const OutputStyle& style) {
  v1::GetQuotaRequest request;
  request.set_project(options.project);
  request.set_user(options.user);
  request.set_defaults(options.defaults);
  auto reply = session.call(&v1::Cloud::Stub::GetQuota, request);
  if (!reply) return std::unexpected(reply.error());
  return print_quota(reply->quota(), reply->usage(), style);
}

// What is not named stays as it is.
Expected<int> set(Session& session, const Options& options, const OutputStyle& style) {
  v1::SetQuotaRequest request;
  request.set_project(options.project);
  request.set_user(options.user);
  request.set_defaults(options.defaults);
  if (options.instances) request.set_instances(*options.instances);
  if (options.cores) request.set_cores(*options.cores);
  if (options.ram) request.set_ram_mb(*options.ram);
  if (options.server_groups) request.set_server_groups(*options.server_groups);
  if (options.server_group_members) request.set_server_group_members(*options.server_group_members);
  if (options.key_pairs) request.set_key_pairs(*options.key_pairs);
  if (options.metadata_items) request.set_metadata_items(*options.metadata_items);
  if (options.injected_files) request.set_injected_files(*options.injected_files);
  if (options.injected_file_size) request.set_injected_file_content_bytes(*options.injected_file_size);
  if (options.injected_path_size) request.set_injected_file_path_bytes(*options.injected_path_size);
  request.set_force(options.force);
  auto reply = session.call(&v1::Cloud::Stub::SetQuota, request);
  if (!reply) return std::unexpected(reply.error());
  return print_quota(reply->quota(), reply->usage(), style);
}

}  // namespace

void add_quota(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "quota", "Quotas of projects: show, set");
  auto options = std::make_shared<Options>();
  CLI::App* show_command = noun.add_subcommand("show", "Limits and use of a project");
  show_command->add_option("PROJECT", options->project, "Name or id; default: the own one");
  show_command->add_option("--user", options->user, "What this user may use of it, by id")->type_name("USER");
  show_command->add_flag("--default", options->defaults, "The limits of projects that have none of their own");
  run_with_session(*show_command, globals,
                   [options, &globals](Session& session) { return show(session, *options, globals.style); });
  CLI::App* set_command = noun.add_subcommand("set", "Change limits; -1 = unlimited (admins)");
  set_command->add_option("PROJECT", options->project, "Name or id; default: the own one");
  set_command->add_option("--user", options->user, "Of this user in the project, by id")->type_name("USER");
  set_command->add_option("--instances", options->instances, "Servers");
  set_command->add_option("--cores", options->cores, "Virtual CPUs of all servers");
  add_amount(*set_command, "--ram", options->ram, kMiB, "Memory of all servers in MiB, or as 50G; -1 = unlimited");
  set_command->add_option("--server-groups", options->server_groups, "Server groups");
  set_command->add_option("--server-group-members", options->server_group_members, "Servers of one group");
  set_command->add_option("--key-pairs", options->key_pairs, "Key pairs of one user");
  set_command->add_option("--properties", options->metadata_items, "Properties of one server");
  set_command->add_option("--injected-files", options->injected_files, "Injected files of one server");
  set_command->add_option("--injected-file-size", options->injected_file_size, "Bytes of an injected file");
  set_command->add_option("--injected-path-size", options->injected_path_size, "Bytes of the path of an injected file");
  set_command->add_flag("--default", options->defaults, "Of all projects that have no limits of their own");
  set_command->add_flag("--force", options->force, "Also below what the project uses");
  run_with_session(*set_command, globals,
                   [options, &globals](Session& session) { return set(session, *options, globals.style); });
}

}  // namespace kilonova::cli
