// What a guest shows: its console, and the numbers of its hypervisor. Nova: console_output, remote_consoles,
// server_diagnostics.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/compute/server_action_bodies.h"
#include "api-server/front/openstack/compute/server_lookup.h"
#include "api-server/front/openstack/schema.h"
#include "domain/nouns/guest_view.h"

namespace kilonova::api::openstack {
namespace {

struct ConsoleKind {
  std::string_view action;  // that asked for it, up to 2.5
  std::string_view protocol;
  std::string_view type;
};
constexpr ConsoleKind kConsoles[] = {
    {"os-getVNCConsole", "vnc", "novnc"},           {"os-getVNCConsole", "vnc", "xvpvnc"},
    {"os-getSPICEConsole", "spice", "spice-html5"}, {"os-getRDPConsole", "rdp", "rdp-html5"},
    {"os-getSerialConsole", "serial", "serial"},    {"", "mks", "webmks"},
};

Task<std::expected<ConsoleUrl, Refusal>> console_url(Call& call, std::string type) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  co_return co_await ask(call, GetConsoleUrl{to_string(server->uuid), std::move(type)});
}

Task<Answered> create_console(Call& call) {
  auto rule_of = [](Minor minor) {
    std::vector<std::string> protocols{"vnc", "spice", "rdp", "serial"}, types;
    if (minor >= 8) protocols.emplace_back("mks");
    for (std::string_view type : kConsoleTypes)
      if (minor >= 8 || type != "webmks") types.emplace_back(type);
    return body_of("remote_console", object({{"protocol", one_of(protocols), true}, {"type", one_of(types), true}}));
  };
  static const Rule before_8 = rule_of(7), since_8 = rule_of(8);
  if (auto wrong = check_schema(call.minor < 8 ? before_8 : since_8, call.body, call.minor))
    co_return std::unexpected(std::move(*wrong));
  const Json& wanted = *member(call.body, "remote_console");
  const std::string type = text_at(wanted, "type");
  auto row = std::ranges::find(kConsoles, type, &ConsoleKind::type);
  if (row->protocol != text_at(wanted, "protocol"))
    co_return refused(400, fmt::format("Unavailable console type {}.", type));
  auto console = co_await console_url(call, type);
  if (!console) co_return std::unexpected(std::move(console.error()));
  co_return Answer{
      200, {{"remote_console", {{"protocol", console->protocol}, {"type", console->type}, {"url", console->url}}}}};
}

// libvirt's own names, up to 2.47.
Json flat_diagnostics(const ServerDiagnostics& diagnostics) {
  Json json = Json::object();
  auto put = [&](std::string key, auto value) { append_member(json, key, value); };
  for (uint32_t cpu = 0; cpu < diagnostics.vcpus; ++cpu) put(fmt::format("cpu{}_time", cpu), diagnostics.cpu_time_ns);
  char letter = 'a';
  for (const ServerDiagnostics::Disk& disk : diagnostics.disks) {
    const std::string name = fmt::format("vd{}_", letter++);
    put(name + "read", disk.read_bytes);
    put(name + "read_req", disk.read_requests);
    put(name + "write", disk.write_bytes);
    put(name + "write_req", disk.write_requests);
    put(name + "errors", -1);
  }
  put("memory", diagnostics.memory_mb * 1024);
  size_t nics = 0;
  for (const ServerDiagnostics::Nic& nic : diagnostics.nics) {
    const std::string name = fmt::format("vnet{}_", nics++);
    put(name + "rx", nic.rx_octets);
    put(name + "rx_packets", nic.rx_packets);
    put(name + "rx_drop", 0);
    put(name + "rx_errors", 0);
    put(name + "tx", nic.tx_octets);
    put(name + "tx_packets", nic.tx_packets);
    put(name + "tx_drop", 0);
    put(name + "tx_errors", 0);
  }
  return json;
}

Json fixed_diagnostics(const ServerDiagnostics& diagnostics) {
  Json cpus = Json::array(), disks = Json::array(), nics = Json::array();
  for (uint32_t cpu = 0; cpu < diagnostics.vcpus; ++cpu)
    cpus.push_back({{"id", cpu}, {"time", diagnostics.cpu_time_ns}, {"utilisation", nullptr}});
  for (const ServerDiagnostics::Disk& disk : diagnostics.disks)
    disks.push_back({{"read_bytes", disk.read_bytes},
                     {"read_requests", disk.read_requests},
                     {"write_bytes", disk.write_bytes},
                     {"write_requests", disk.write_requests},
                     {"errors_count", 0}});
  for (const ServerDiagnostics::Nic& nic : diagnostics.nics)
    nics.push_back({{"mac_address", nic.mac},
                    {"rx_octets", nic.rx_octets},
                    {"rx_errors", 0},
                    {"rx_drop", 0},
                    {"rx_packets", nic.rx_packets},
                    {"rx_rate", nullptr},
                    {"tx_octets", nic.tx_octets},
                    {"tx_errors", 0},
                    {"tx_drop", 0},
                    {"tx_packets", nic.tx_packets},
                    {"tx_rate", nullptr}});
  return {{"state", std::string(to_string(diagnostics.power_state))},
          {"driver", "libvirt"},
          {"hypervisor", "kvm"},
          {"hypervisor_os", "linux"},
          {"uptime", diagnostics.uptime_s},
          {"config_drive", diagnostics.config_drive},
          {"num_cpus", diagnostics.vcpus},
          {"num_nics", diagnostics.nics.size()},
          {"num_disks", diagnostics.disks.size()},
          {"disk_details", std::move(disks)},
          {"cpu_details", std::move(cpus)},
          {"nic_details", std::move(nics)},
          {"memory_details", {{"maximum", diagnostics.memory_mb}, {"used", diagnostics.memory_mb}}}};
}

Task<Answered> show_diagnostics(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  auto diagnostics = co_await ask(call, GetServerDiagnostics{to_string(server->uuid)});
  if (!diagnostics) co_return std::unexpected(std::move(diagnostics.error()));
  co_return Answer{200, call.minor < 48 ? flat_diagnostics(*diagnostics) : fixed_diagnostics(*diagnostics)};
}

// No flavor asks for a NUMA topology of its guests here: Nova's answer of a server without one.
Task<Answered> show_topology(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  co_return Answer{200, {{"nodes", Json::array()}, {"pagesize_kb", nullptr}}};
}

constexpr Route kRoutes[] = {
    {Service::kCompute, "POST", "/v2.1/servers/{server}/remote-consoles", UserRole::kMember,
     "os_compute_api:os-remote-consoles", &create_console, 6},
    {Service::kCompute, "GET", "/v2.1/servers/{server}/diagnostics", UserRole::kAdmin,
     "os_compute_api:os-server-diagnostics", &show_diagnostics},
    {Service::kCompute, "GET", "/v2.1/servers/{server}/topology", UserRole::kReader,
     "os_compute_api:compute:server:topology:index", &show_topology, 78},
};

}  // namespace

std::span<const Route> server_console_routes() { return kRoutes; }

Task<Answered> get_console(Call& call) {
  const std::string action = call.body.begin().key();
  std::vector<std::string> types;
  for (const ConsoleKind& kind : kConsoles)
    if (kind.action == action) types.emplace_back(kind.type);
  const Rule rule = body_of(action, object({{"type", one_of(std::move(types)), true}}));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto console = co_await console_url(call, text_at(*member(call.body, action), "type"));
  if (!console) co_return std::unexpected(std::move(console.error()));
  co_return Answer{200, {{"console", {{"type", console->type}, {"url", console->url}}}}};
}

Task<Answered> get_console_output(Call& call) {
  static const Rule rule = body_of("os-getConsoleOutput", object({{"length", null_or(integer(-1))}}));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  const int64_t lines = integer_at(*member(call.body, "os-getConsoleOutput"), "length", -1);
  auto console = co_await ask(call, GetConsoleOutput{to_string(server->uuid), lines});
  if (!console) co_return std::unexpected(std::move(console.error()));
  co_return Answer{200, {{"output", console->output}}};
}

}  // namespace kilonova::api::openstack
