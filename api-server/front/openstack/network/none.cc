// Neutron: lists of what this cloud cannot have yet: they are empty, and say so truly.
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/routes.h"

namespace kilonova::api::openstack {
namespace {

Task<Answered> list_routers(Call& call) {
  co_return neutron_list(
      call, "routers", {},
      {"id", "name", "tenant_id", "project_id", "admin_state_up", "status", "description", "external_gateway_info"});
}

Task<Answered> list_floating_ips(Call& call) {
  co_return neutron_list(call, "floatingips", {},
                         {"id", "floating_network_id", "floating_ip_address", "fixed_ip_address", "port_id",
                          "router_id", "status", "tenant_id", "project_id", "description"});
}

Task<Answered> list_agents(Call& call) {
  co_return neutron_list(call, "agents", {},
                         {"id", "agent_type", "binary", "topic", "host", "admin_state_up", "alive", "description"});
}

constexpr Service kNeutron = Service::kNetwork;
constexpr UserRole kReader = UserRole::kReader;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/routers", kReader, "get_router", &list_routers},
    {kNeutron, "GET", "/v2.0/floatingips", kReader, "get_floatingip", &list_floating_ips},
    {kNeutron, "GET", "/v2.0/agents", kReader, "get_agent", &list_agents},
};

}  // namespace

std::span<const Route> empty_network_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
