// Routers: records, whose gateway and interfaces are ports of the network-controller, so that their addresses are
// nobody else's.
#pragma once

#include <string>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/network/parts.h"
#include "api-server/front/openstack/records.h"

namespace kilonova::api::openstack {

inline constexpr std::string_view kRouters = "router";

// 404 for one that the caller does not see.
Task<std::expected<StoredObject, Refusal>> find_router(Call& call, std::string id);

// As a POST of this body's "router" makes it: its view.
Task<std::expected<Json, Refusal>> make_router(Call& call, const Json& wanted);
// With its gateway; 409 while it has interfaces.
Task<Checked> drop_router(Call& call, const std::string& id);
// Gives a router, whose ports these are, an interface with the subnet's gateway address; answers as Neutron does.
Task<Answered> add_router_subnet(Call& call, const StoredObject& router, const std::vector<StoredPort>& ports,
                                 std::string subnet_id);

bool is_gateway(const StoredPort& port);
bool is_interface(const StoredPort& port);

// {"router": ...} as the caller sees it. `ports`: the router's.
Json router_view(const Call& call, const StoredObject& router, const std::vector<StoredPort>& ports);

// Refuses routes whose next hop is in no subnet of the router's, or is the router itself.
Task<Checked> check_routes(Call& call, const Json& routes, const std::vector<StoredPort>& ports);

}  // namespace kilonova::api::openstack
