// Nova: os-availability-zone. A zone is available when a host of it is enabled: whether it is up is not asked (nova/
// availability_zones.py).
#include <map>

#include "api-server/front/openstack/compute/hosts.h"
#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/times.h"
#include "domain/nouns/service.h"

namespace kilonova::api::openstack {
namespace {

Json service_state(bool up, WallTime updated_at) {
  return {{"available", up}, {"active", true}, {"updated_at", time_without_zone(updated_at)}};
}

Json zone_info(const std::string& name, bool available, Json hosts) {
  return {{"zoneName", name}, {"zoneState", {{"available", available}}}, {"hosts", std::move(hosts)}};
}

// Members may not list hosts: the core is asked in the name of nobody who could see more than this.
Task<Answered> list(Call& call) {
  auto zones = co_await call.core.availability_zones(call.meta);
  if (!zones) co_return std::unexpected(refusal_of(zones.error()));
  Json items = Json::array();
  for (const auto& [name, available] : *zones) items.push_back(zone_info(name, available, nullptr));
  co_return Answer{200, {{"availabilityZoneInfo", std::move(items)}}};
}

// Disabled services are left out.
Task<Answered> list_detail(Call& call) {
  auto hosts = co_await all_hosts(call);
  if (!hosts) co_return std::unexpected(std::move(hosts.error()));
  auto daemons = co_await ask(call, ListServices{});
  if (!daemons) co_return std::unexpected(std::move(daemons.error()));
  Json internal = Json::object();
  for (const ServiceView& view : daemons->services) {
    std::string_view binary = binary_of(view);
    if (binary.empty()) continue;
    append_member(internal, to_string(view.peer), object_of(binary, service_state(is_up(view), view.last_seen)));
  }
  std::map<std::string, Json> zones;
  std::map<std::string, bool> available;
  for (const HostView& view : *hosts) {
    Json& shown = zones.try_emplace(view.host.zone, Json::object()).first->second;
    available[view.host.zone] = available[view.host.zone] || view.host.enabled;
    if (view.host.enabled)
      append_member(shown, view.host.name, {{"nova-compute", service_state(view.up, view.last_seen)}});
  }
  Json items = Json::array({zone_info("internal", true, std::move(internal))});
  for (auto& [name, shown] : zones) items.push_back(zone_info(name, available[name], std::move(shown)));
  co_return Answer{200, {{"availabilityZoneInfo", std::move(items)}}};
}

constexpr Service kNova = Service::kCompute;

constexpr Route kRoutes[] = {
    {kNova, "GET", "/v2.1/os-availability-zone", UserRole::kReader, "os_compute_api:os-availability-zone:list", &list},
    {kNova, "GET", "/v2.1/os-availability-zone/detail", UserRole::kAdmin, "os_compute_api:os-availability-zone:detail",
     &list_detail},
};

}  // namespace

std::span<const Route> availability_zone_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
