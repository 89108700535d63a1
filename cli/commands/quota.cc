#include <memory>
#include <optional>

#include "cli/cli.h"
#include "cli/commands/command.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string project;
  std::optional<int64_t> instances;
  std::optional<int64_t> cores;
  std::optional<int64_t> ram;
  bool force = false;
};

std::string limit_text(int64_t limit) { return limit < 0 ? "unlimited" : std::to_string(limit); }

// A row for each resource; as a document, one object of them all.
Expected<int> print_quota(const v1::Quota& quota, const v1::QuotaUsage& usage, const OutputStyle& style) {
  if (style.is_document()) return print_object(style, to_json(quota, usage));
  Records records({{"Resource", "resource"}, {"Limit", "limit", Align::kRight}, {"Used", "used", Align::kRight}});
  auto add = [&records](const char* title, const char* key, int64_t limit, int64_t used) {
    records.add({title, limit_text(limit), std::to_string(used)},
                Json{{"resource", key}, {"limit", limit}, {"used", used}});
  };
  add("Instances", "instances", quota.instances(), usage.instances());
  add("VCPUs", "vcpus", quota.cores(), usage.cores());
  add("RAM MiB", "memory_mb", quota.ram_mb(), usage.ram_mb());
  return print_records(style, records);
}

Expected<v1::GetQuotaReply> read(Session& session, const std::string& project) {
  v1::GetQuotaRequest request;
  request.set_project(project);
  return session.call(&v1::Cloud::Stub::GetQuota, request);
}

Expected<int> show(Session& session, const Options& options, const OutputStyle& style) {
  auto reply = read(session, options.project);
  if (!reply) return std::unexpected(reply.error());
  return print_quota(reply->quota(), reply->usage(), style);
}

// What was not named stays as it is.
Expected<int> set(Session& session, const Options& options, const OutputStyle& style) {
  auto now = read(session, options.project);
  if (!now) return std::unexpected(now.error());
  v1::SetQuotaRequest request;
  request.set_project(options.project);
  request.set_instances(options.instances.value_or(now->quota().instances()));
  request.set_cores(options.cores.value_or(now->quota().cores()));
  request.set_ram_mb(options.ram.value_or(now->quota().ram_mb()));
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
  run_with_session(*show_command, globals,
                   [options, &globals](Session& session) { return show(session, *options, globals.style); });
  CLI::App* set_command = noun.add_subcommand("set", "Change limits; -1 = unlimited (admins)");
  set_command->add_option("PROJECT", options->project, "Name or id; default: the own one");
  set_command->add_option("--instances", options->instances, "Servers");
  set_command->add_option("--cores", options->cores, "Virtual CPUs of all servers");
  add_amount(*set_command, "--ram", options->ram, kMiB, "Memory of all servers in MiB, or as 50G; -1 = unlimited");
  set_command->add_flag("--force", options->force, "Also below what the project uses");
  run_with_session(*set_command, globals,
                   [options, &globals](Session& session) { return set(session, *options, globals.style); });
}

}  // namespace kilonova::cli
