#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "cli/commands/command.h"
#include "cli/commands/server.h"
#include "cli/output/properties.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string server;
  bool all_projects = false;
  bool diagnostics = false;
};

Expected<int> show_diagnostics(Session& session, const std::string& server, const OutputStyle& style) {
  v1::GetServerDiagnosticsRequest request;
  request.set_server(server);
  auto reply = session.call(&v1::Cloud::Stub::GetServerDiagnostics, request);
  if (!reply) return std::unexpected(reply.error());
  Json disks = Json::array(), nics = Json::array();
  std::vector<std::string> disk_texts, nic_texts;
  for (const v1::DiskDiagnostics& disk : reply->disks()) {
    disks.push_back({{"read_bytes", disk.read_bytes()},
                     {"read_requests", disk.read_requests()},
                     {"write_bytes", disk.write_bytes()},
                     {"write_requests", disk.write_requests()}});
    disk_texts.push_back(
        fmt::format("{} read, {} written", format_bytes(disk.read_bytes()), format_bytes(disk.write_bytes())));
  }
  for (const v1::NicDiagnostics& nic : reply->nics()) {
    nics.push_back({{"mac", nic.mac()},
                    {"rx_octets", nic.rx_octets()},
                    {"rx_packets", nic.rx_packets()},
                    {"tx_octets", nic.tx_octets()},
                    {"tx_packets", nic.tx_packets()}});
    nic_texts.push_back(fmt::format("{}: {} received, {} sent", nic.mac(), format_bytes(nic.rx_octets()),
                                    format_bytes(nic.tx_octets())));
  }
  const auto uptime_us = static_cast<int64_t>(reply->uptime_s()) * 1'000'000;
  const auto cpu_time_us = static_cast<int64_t>(reply->cpu_time_ns() / 1'000);
  const std::string power = enum_text(v1::PowerState_Name(reply->power_state()), "POWER_STATE_");
  return print_record(style,
                      {{"power_state", power},
                       {"uptime", format_duration(microseconds(uptime_us))},
                       {"vcpus", std::to_string(reply->vcpus())},
                       {"cpu_time", format_duration(microseconds(cpu_time_us))},
                       {"memory_mb", std::to_string(reply->memory_mb())},
                       {"config_drive", yes_no(reply->config_drive())},
                       {"disks", fmt::to_string(fmt::join(disk_texts, "; "))},
                       {"nics", fmt::to_string(fmt::join(nic_texts, "; "))}},
                      {{"power_state", power},
                       {"uptime_us", uptime_us},
                       {"vcpus", reply->vcpus()},
                       {"cpu_time_us", cpu_time_us},
                       {"memory_mb", reply->memory_mb()},
                       {"config_drive", reply->config_drive()},
                       {"disks", std::move(disks)},
                       {"nics", std::move(nics)}});
}

Expected<int> show(Session& session, const Options& options, const OutputStyle& style) {
  Expected<v1::Server> server = get_server(session, options.server, options.all_projects);
  if (!server) return std::unexpected(server.error());
  if (options.diagnostics) return show_diagnostics(session, server->id(), style);
  return print_server(style, *server);
}

}  // namespace

Expected<v1::Server> get_server(Session& session, const std::string& server, bool all_projects) {
  v1::GetServerRequest request;
  request.set_server(server);
  request.set_all_projects(all_projects);
  auto reply = session.call(&v1::Cloud::Stub::GetServer, request);
  if (!reply) return std::unexpected(reply.error());
  return std::move(*reply->mutable_server());
}

std::vector<Records::Column> server_columns() {
  return {{"ID", "id", Align::kLeft, 0, CellKind::kId},
          {"Name", "name"},
          {"Status", "status", Align::kLeft, 0, CellKind::kStatus},
          {"Host", "host"},
          {"Addresses", "", Align::kLeft, 3},
          {"Image", "", Align::kLeft, 5},
          {"Flavor", "", Align::kLeft, 4}};
}

std::vector<std::string> server_cells(const v1::Server& server) {
  return {server.id(),           server.name(),         server.status(), server.host(), addresses_text(server),
          server.image().name(), server.flavor().name()};
}

Expected<int> print_server(const OutputStyle& style, const v1::Server& server) {
  const v1::Flavor& flavor = server.flavor();
  std::vector<std::pair<std::string, std::string>> fields{
      {"id", server.id()},
      {"name", server.name()},
      {"status", server.status()},
      {"task_state", enum_text(v1::TaskState_Name(server.task_state()), "TASK_STATE_")},
      {"power_state", enum_text(v1::PowerState_Name(server.power_state()), "POWER_STATE_")},
      {"host", server.host()},
      {"addresses", addresses_text(server)},
      {"flavor", fmt::format("{} ({} vcpus, {} MiB, {} GiB)", flavor.name(), flavor.vcpus(), flavor.memory_mb(),
                             flavor.root_gb())},
      {"image", server.image().name()},
      {"key_name", server.key_name()},
      {"availability_zone", server.availability_zone()},
      {"attempt", std::to_string(server.attempt())},
      {"created_at", time_text(server.created_at_us())},
      {"updated_at", time_text(server.updated_at_us())},
      {"launched_at", time_text(server.launched_at_us())},
      {"project_id", server.project_id()},
      {"request_id", server.request_id()},
  };
  if (!server.description().empty()) fields.emplace_back("description", server.description());
  if (!server.server_group().empty()) fields.emplace_back("server_group", server.server_group());
  if (!server.metadata().empty()) fields.emplace_back("properties", properties_text(server.metadata()));
  if (!server.tags().empty()) fields.emplace_back("tags", fmt::to_string(fmt::join(server.tags(), ", ")));
  if (server.locked())
    fields.emplace_back("locked", server.locked_reason().empty() ? "yes" : "yes: " + server.locked_reason());
  std::string tried;
  for (const std::string& host : server.tried_hosts()) tried += (tried.empty() ? "" : ", ") + host;
  if (!tried.empty()) fields.emplace_back("tried_hosts", tried);
  if (server.has_fault())
    fields.emplace_back("fault", fmt::format("{}: {}", server.fault().code(), server.fault().message()));
  if (std::string cause = cause_of(server); !cause.empty()) fields.emplace_back("cause", cause);
  return print_record(style, fields, to_json(server));
}

void add_server_show(CLI::App& server, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = server.add_subcommand("show", "One server");
  command->add_option("SERVER", options->server, "Name or id")->required();
  command->add_flag("--diagnostics", options->diagnostics, "What its hypervisor counts of it (admins)");
  command->add_flag("--all-projects", options->all_projects, "In any project (admins)");
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return show(session, *options, globals.style); });
}

}  // namespace kilonova::cli
