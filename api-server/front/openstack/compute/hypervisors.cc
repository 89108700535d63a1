// Nova: os-hypervisors. Every simulated host has one hypervisor of its own name.
#include <fmt/format.h>

#include <algorithm>

#include "api-server/front/openstack/compute/hosts.h"
#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/server.h"

namespace kilonova::api::openstack {
namespace {

using H = HostView;
using Value = std::optional<Json>;

Value number(const H& h, const Call&) { return h.host.id; }
Value uuid(const H& h, const Call&) { return hypervisor_uuid(h.host.name); }
Value hostname(const H& h, const Call&) { return h.host.name; }
Value state(const H& h, const Call&) { return h.up ? "up" : "down"; }
Value status(const H& h, const Call&) { return h.host.enabled ? "enabled" : "disabled"; }

Value service(const H& h, const Call& call) {
  Json id = call.minor >= 53 ? Json(service_uuid("nova-compute", h.host.name)) : Json(service_number(h.host));
  return Json{{"id", std::move(id)}, {"host", h.host.name}, {"disabled_reason", or_null(h.host.disabled_reason)}};
}

Json cpu_info() {
  return {{"arch", "x86_64"},
          {"model", "Nehalem"},
          {"vendor", "Intel"},
          {"features", Json::array({"pge", "clflush"})},
          {"topology", {{"cores", 1}, {"threads", 1}, {"sockets", 4}}}};
}

constexpr Field<H> kBrief[] = {{"id", &number, 1, 52},
                               {"id", &uuid, 53},
                               {"hypervisor_hostname", &hostname},
                               {"state", &state},
                               {"status", &status}};

constexpr Field<H> kFields[] = {
    {"id", &number, 1, 52},
    {"id", &uuid, 53},
    {"hypervisor_hostname", &hostname},
    {"state", &state},
    {"status", &status},
    {"hypervisor_type", [](const H&, const Call&) -> Value { return "fake"; }},
    {"hypervisor_version", [](const H&, const Call&) -> Value { return 1000; }},
    {"host_ip", [](const H&, const Call&) -> Value { return "127.0.0.1"; }},
    {"service", &service},
    {"vcpus", [](const H& h, const Call&) -> Value { return h.host.total.vcpus; }, 1, 87},
    {"memory_mb", [](const H& h, const Call&) -> Value { return h.host.total.memory_mb; }, 1, 87},
    {"local_gb", [](const H& h, const Call&) -> Value { return h.host.total.disk_gb; }, 1, 87},
    {"vcpus_used", [](const H& h, const Call&) -> Value { return h.used.vcpus; }, 1, 87},
    {"memory_mb_used", [](const H& h, const Call&) -> Value { return h.used.memory_mb; }, 1, 87},
    {"local_gb_used", [](const H& h, const Call&) -> Value { return h.used.disk_gb; }, 1, 87},
    {"free_ram_mb", [](const H& h, const Call&) -> Value { return h.host.total.memory_mb - h.used.memory_mb; }, 1, 87},
    {"free_disk_gb", [](const H& h, const Call&) -> Value { return h.host.total.disk_gb - h.used.disk_gb; }, 1, 87},
    {"current_workload", [](const H&, const Call&) -> Value { return 0; }, 1, 87},
    {"running_vms", [](const H& h, const Call&) -> Value { return h.instances; }, 1, 87},
    {"disk_available_least", [](const H& h, const Call&) -> Value { return h.host.total.disk_gb - h.used.disk_gb; }, 1,
     87},
    {"cpu_info", [](const H&, const Call&) -> Value { return Json(cpu_info().dump()); }, 1, 27},
    {"cpu_info", [](const H&, const Call&) -> Value { return cpu_info(); }, 28, 87},
    {"uptime", [](const H&, const Call&) -> Value { return Json(nullptr); }, 88},
};

std::string id_text(const H& h, const Call& call) {
  return call.minor >= 53 ? hypervisor_uuid(h.host.name) : fmt::to_string(h.host.id);
}

Task<std::expected<std::vector<H>, Refusal>> wanted_hosts(Call& call) {
  auto hosts = co_await all_hosts(call);
  if (!hosts) co_return hosts;
  const std::string* pattern = call.minor >= 53 ? call.in_query("hypervisor_hostname_pattern") : nullptr;
  if (pattern == nullptr) co_return hosts;
  std::erase_if(*hosts, [&](const H& h) { return h.host.name.find(*pattern) == std::string::npos; });
  if (hosts->empty()) co_return refused(404, fmt::format("No hypervisor matching '{}' could be found.", *pattern));
  co_return hosts;
}

using Servers = std::vector<Instance>;

// Of one host; "" = of all.
Task<std::expected<Servers, Refusal>> servers_on(Call& call, std::string host) {
  co_return co_await ask_all(call, ListServers{.all_projects = true, .host = std::move(host)}, &ServerList::servers,
                             [](const Instance& server) { return to_string(server.uuid); });
}

// Likewise. Nothing where they are not asked for, by ?with_servers since 2.53.
Task<std::expected<std::optional<Servers>, Refusal>> wanted_servers(Call& call, std::string host) {
  const std::string* asked = call.minor >= 53 ? call.in_query("with_servers") : nullptr;
  if (asked == nullptr) co_return std::nullopt;
  if (auto wrong = boolean()(Json(*asked), "with_servers", call.minor))
    co_return refused(
        400, fmt::format("Invalid input for query parameters with_servers. Value: {}. {}", *asked, wrong->message));
  if (!boolean_at(Json{{"with_servers", *asked}}, "with_servers", false)) co_return std::nullopt;
  co_return co_await servers_on(call, std::move(host));
}

// An empty list is left out before 2.75.
void add_servers(const Servers& servers, const H& host, const Call& call, Json& shown) {
  Json on_host = Json::array();
  for (const Instance& server : servers)
    if (server.current.host == host.host.name)
      on_host.push_back({{"name", fmt::format("instance-{:08x}", server.id)}, {"uuid", to_string(server.uuid)}});
  if (!on_host.empty() || call.minor >= 75) shown["servers"] = std::move(on_host);
}

template <size_t N>
Task<Answered> list_with(Call& call, const Field<H> (&fields)[N]) {
  auto hosts = co_await wanted_hosts(call);
  if (!hosts) co_return std::unexpected(std::move(hosts.error()));
  Page page{.limit = static_cast<uint32_t>(hosts->size()) + 1, .marker = {}};
  if (call.minor >= 33) {
    auto read = read_page(call);
    if (!read) co_return std::unexpected(std::move(read.error()));
    page = std::move(*read);
  }
  auto cut = cut_page(call, page, *hosts, [&call](const H& h) { return id_text(h, call); });
  if (!cut) co_return std::unexpected(std::move(cut.error()));
  auto servers = co_await wanted_servers(call, "");
  if (!servers) co_return std::unexpected(std::move(servers.error()));
  Json items = Json::array();
  for (const H& host : cut->rows) {
    items.push_back(view(fields, host, call));
    if (*servers) add_servers(**servers, host, call, items.back());
  }
  co_return page_answer("hypervisors", std::move(items), std::move(cut->next));
}

Task<Answered> list(Call& call) { co_return co_await list_with(call, kBrief); }
Task<Answered> list_detail(Call& call) { co_return co_await list_with(call, kFields); }

std::unexpected<Refusal> no_hypervisor(const std::string& id) {
  return refused(404, fmt::format("Hypervisor with ID '{}' could not be found.", id));
}

Task<std::expected<H, Refusal>> find(Call& call) {
  std::string id = call.in_path("hypervisor");
  if (call.minor >= 53 && !parse_uuid(id)) co_return refused(400, fmt::format("Invalid uuid {}", id));
  auto hosts = co_await all_hosts(call);
  if (!hosts) co_return std::unexpected(std::move(hosts.error()));
  for (const H& host : *hosts)
    if (id_text(host, call) == id) co_return host;
  co_return no_hypervisor(id);
}

Task<Answered> show(Call& call) {
  // Of a time when it was a route of its own.
  if (call.in_path("hypervisor") == "statistics") co_return refused(404, "The resource could not be found.");
  auto host = co_await find(call);
  if (!host) co_return std::unexpected(std::move(host.error()));
  auto servers = co_await wanted_servers(call, host->host.name);
  if (!servers) co_return std::unexpected(std::move(servers.error()));
  Json shown = view(kFields, *host, call);
  if (*servers) add_servers(**servers, *host, call, shown);
  co_return Answer{200, {{"hypervisor", std::move(shown)}}};
}

Task<Answered> statistics(Call& call) {
  auto hosts = co_await all_hosts(call);
  if (!hosts) co_return std::unexpected(std::move(hosts.error()));
  // Nova counts enabled ones alone.
  std::erase_if(*hosts, [](const H& h) { return !h.host.enabled; });
  Resources total, used;
  uint64_t servers = 0;
  for (const H& host : *hosts) {
    total += host.host.total;
    used += host.used;
    servers += host.instances;
  }
  co_return Answer{200,
                   {{"hypervisor_statistics",
                     {{"count", hosts->size()},
                      {"vcpus", total.vcpus},
                      {"memory_mb", total.memory_mb},
                      {"local_gb", total.disk_gb},
                      {"vcpus_used", used.vcpus},
                      {"memory_mb_used", used.memory_mb},
                      {"local_gb_used", used.disk_gb},
                      {"free_ram_mb", total.memory_mb - used.memory_mb},
                      {"free_disk_gb", total.disk_gb - used.disk_gb},
                      {"current_workload", 0},
                      {"running_vms", servers},
                      {"disk_available_least", total.disk_gb - used.disk_gb}}}}};
}

// {pattern}/search until 2.52.
Task<Answered> search(Call& call) {
  std::string pattern = call.in_path("hypervisor");
  auto hosts = co_await all_hosts(call);
  if (!hosts) co_return std::unexpected(std::move(hosts.error()));
  Json items = Json::array();
  for (const H& host : *hosts)
    if (host.host.name.find(pattern) != std::string::npos) items.push_back(view(kBrief, host, call));
  if (items.empty()) co_return refused(404, fmt::format("No hypervisor matching '{}' could be found.", pattern));
  co_return Answer{200, {{"hypervisors", std::move(items)}}};
}

// As `uptime` says it: a host that is up has been so for as long as the cloud knows.
Task<Answered> uptime(Call& call) {
  auto host = co_await find(call);
  if (!host) co_return std::unexpected(std::move(host.error()));
  if (!host->up)
    co_return refused(400, fmt::format("Compute service of {} is unavailable at this time.", host->host.name));
  Json shown = view(kBrief, *host, call);
  shown["uptime"] = " 08:32:11 up 93 days, 18:25, 12 users,  load average: 0.20, 0.12, 0.14";
  co_return Answer{200, {{"hypervisor", std::move(shown)}}};
}

// {pattern}/servers until 2.52: the hypervisors that match, with their servers.
Task<Answered> servers(Call& call) {
  std::string pattern = call.in_path("hypervisor");
  auto hosts = co_await all_hosts(call);
  if (!hosts) co_return std::unexpected(std::move(hosts.error()));
  std::erase_if(*hosts, [&](const H& h) { return h.host.name.find(pattern) == std::string::npos; });
  if (hosts->empty()) co_return refused(404, fmt::format("No hypervisor matching '{}' could be found.", pattern));
  auto rows = co_await servers_on(call, "");
  if (!rows) co_return std::unexpected(std::move(rows.error()));
  Json items = Json::array();
  for (const H& host : *hosts) {
    Json shown = view(kBrief, host, call);
    add_servers(*rows, host, call, shown);
    items.push_back(std::move(shown));
  }
  co_return Answer{200, {{"hypervisors", std::move(items)}}};
}

constexpr Service kNova = Service::kCompute;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {kNova, "GET", "/v2.1/os-hypervisors", kAdmin, "os_compute_api:os-hypervisors:list", &list},
    {kNova, "GET", "/v2.1/os-hypervisors/detail", kAdmin, "os_compute_api:os-hypervisors:list-detail", &list_detail},
    {kNova, "GET", "/v2.1/os-hypervisors/statistics", kAdmin, "os_compute_api:os-hypervisors:statistics", &statistics,
     1, 87},
    {kNova, "GET", "/v2.1/os-hypervisors/{hypervisor}", kAdmin, "os_compute_api:os-hypervisors:show", &show},
    {kNova, "GET", "/v2.1/os-hypervisors/{hypervisor}/search", kAdmin, "os_compute_api:os-hypervisors:search", &search,
     1, 52},
    {kNova, "GET", "/v2.1/os-hypervisors/{hypervisor}/servers", kAdmin, "os_compute_api:os-hypervisors:servers",
     &servers, 1, 52},
    {kNova, "GET", "/v2.1/os-hypervisors/{hypervisor}/uptime", kAdmin, "os_compute_api:os-hypervisors:uptime", &uptime,
     1, 87},
};

}  // namespace

std::span<const Route> hypervisor_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
