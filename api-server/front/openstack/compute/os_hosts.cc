// Nova: os-hosts, to 2.42: which daemon is where, what a host has, and its power. Here the power is that of a simulated
// machine: its guests lose theirs with it.
#include <fmt/format.h>

#include <optional>

#include "api-server/front/openstack/compute/hosts.h"
#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/schema.h"
#include "base/ascii.h"
#include "domain/nouns/service.h"

namespace kilonova::api::openstack {
namespace {

constexpr Minor kLast = 42;

// "nova-compute" is "compute" here.
std::string_view short_name(std::string_view binary) { return binary.substr(std::string_view("nova-").size()); }

Task<Answered> list(Call& call) {
  auto daemons = co_await ask(call, ListServices{});
  if (!daemons) co_return std::unexpected(std::move(daemons.error()));
  auto hosts = co_await all_hosts(call);
  if (!hosts) co_return std::unexpected(std::move(hosts.error()));
  const std::string* zone = call.in_query("zone");
  Json items = Json::array();
  auto add = [&](const std::string& name, std::string_view service, const std::string& its_zone) {
    if (zone == nullptr || zone->empty() || *zone == its_zone)
      items.push_back({{"host_name", name}, {"service", service}, {"zone", its_zone}});
  };
  // Clients take the first for one that has servers, as it is where all of Nova runs on one machine.
  for (const HostView& view : *hosts) add(view.host.name, "compute", view.host.zone);
  for (const ServiceView& view : daemons->services)
    if (!binary_of(view).empty()) add(to_string(view.peer), short_name(binary_of(view)), "internal");
  co_return Answer{200, {{"hosts", std::move(items)}}};
}

Task<std::expected<HostView, Refusal>> find(Call& call) {
  std::string name = call.in_path("host");
  auto found = co_await ask(call, ListHosts{.host = name});
  if (!found && (found.error().status == 404 || found.error().status == 400))
    co_return refused(404, fmt::format("Compute host {} could not be found.", name));
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return std::move(found->hosts.front());
}

Json resource_row(const HostView& view, std::string_view project, const Resources& resources) {
  return {{"resource",
           {{"host", view.host.name},
            {"project", project},
            {"cpu", resources.vcpus},
            {"memory_mb", resources.memory_mb},
            {"disk_gb", resources.disk_gb}}}};
}

// All servers' claims are what is used, now and at most: nothing here is used without being claimed.
Task<Answered> show(Call& call) {
  auto view = co_await find(call);
  if (!view) co_return std::unexpected(std::move(view.error()));
  co_return Answer{200,
                   {{"host", Json::array({resource_row(*view, "(total)", view->host.total),
                                          resource_row(*view, "(used_now)", view->used),
                                          resource_row(*view, "(used_max)", view->used)})}}};
}

// "enable" and "disable", in any case.
std::expected<std::optional<bool>, Refusal> truth_of(const Json& body, std::string_view key) {
  const Json* value = member(body, key);
  if (value == nullptr) return std::nullopt;
  std::string word = value->is_string() ? to_lower(value->get<std::string>()) : "";
  if (word == "enable") return true;
  if (word == "disable") return false;
  return refused(400, fmt::format("Invalid input for field/attribute {}. Value: {}. {} is not one of ['enable', "
                                  "'disable', 'Enable', 'Disable', 'ENABLE', 'DISABLE']",
                                  key, python_repr(*value), python_repr(*value)));
}

Task<Answered> update(Call& call) {
  if (!call.body.is_object() || call.body.empty())
    co_return refused(400, fmt::format("Invalid input for field/attribute body. Value: {0}. {0} does not have enough "
                                       "properties",
                                       python_repr(call.body)));
  for (const auto& [key, value] : call.body.items())
    if (key != "status" && key != "maintenance_mode")
      co_return refused(400, fmt::format("Additional properties are not allowed ('{}' was unexpected)", key));
  auto enabled = truth_of(call.body, "status");
  if (!enabled) co_return std::unexpected(std::move(enabled.error()));
  auto maintenance = truth_of(call.body, "maintenance_mode");
  if (!maintenance) co_return std::unexpected(std::move(maintenance.error()));
  auto view = co_await find(call);
  if (!view) co_return std::unexpected(std::move(view.error()));
  // As every driver but Xen's says, before anything is changed.
  if (*maintenance || !*enabled) co_return refused(501, "Virt driver does not implement host maintenance mode.");
  auto set = co_await ask(call, SetHostEnabled{.host = view->host.name, .enabled = **enabled});
  if (!set) co_return std::unexpected(std::move(set.error()));
  co_return Answer{200, {{"host", view->host.name}, {"status", **enabled ? "enabled" : "disabled"}}};
}

Task<Answered> set_power(Call& call, std::string_view action, std::vector<bool> powers) {
  auto view = co_await find(call);
  if (!view) co_return std::unexpected(std::move(view.error()));
  for (bool on : powers) {
    auto set = co_await ask(call, SetHostPower{.host = view->host.name, .on = on});
    if (!set) co_return std::unexpected(std::move(set.error()));
  }
  co_return Answer{200, {{"host", view->host.name}, {"power_action", action}}};
}

Task<Answered> start_up(Call& call) { return set_power(call, "startup", {true}); }
Task<Answered> shut_down(Call& call) { return set_power(call, "shutdown", {false}); }
Task<Answered> reboot(Call& call) { return set_power(call, "reboot", {false, true}); }

constexpr Service kNova = Service::kCompute;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {kNova, "GET", "/v2.1/os-hosts", kAdmin, "os_compute_api:os-hosts:list", &list, kFirstMinor, kLast},
    {kNova, "GET", "/v2.1/os-hosts/{host}", kAdmin, "os_compute_api:os-hosts:show", &show, kFirstMinor, kLast},
    {kNova, "PUT", "/v2.1/os-hosts/{host}", kAdmin, "os_compute_api:os-hosts:update", &update, kFirstMinor, kLast},
    {kNova, "GET", "/v2.1/os-hosts/{host}/startup", kAdmin, "os_compute_api:os-hosts:start", &start_up, kFirstMinor,
     kLast},
    {kNova, "GET", "/v2.1/os-hosts/{host}/shutdown", kAdmin, "os_compute_api:os-hosts:shutdown", &shut_down,
     kFirstMinor, kLast},
    {kNova, "GET", "/v2.1/os-hosts/{host}/reboot", kAdmin, "os_compute_api:os-hosts:reboot", &reboot, kFirstMinor,
     kLast},
};

}  // namespace

std::span<const Route> os_hosts_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
