// Neutron: the topology that a project is given when it asks for one: a network with subnets of the default pools,
// behind a router to the default external network. Source: neutron/services/auto_allocate/db.py.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/parts.h"
#include "api-server/front/openstack/network/rbac.h"
#include "api-server/front/openstack/network/routers.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/network/subnetpools.h"
#include "api-server/front/openstack/network/subnets.h"
#include "api-server/front/openstack/network/topologies.h"
#include "api-server/front/openstack/records.h"
#include "api-server/front/openstack/view.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kTopologies = "auto-allocated-topology";  // by the project's id

// What of one is there.
struct Parts {
  std::string network;
  std::string router;
};

std::unexpected<Refusal> deployment_error(std::string_view reason) {
  return refused(409, fmt::format("Deployment error: {}.", reason), "AutoAllocationFailure");
}

Task<std::expected<std::string, Refusal>> default_external_network(Call& call) {
  auto networks = co_await all_stored_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  for (const StoredNetwork& network : *networks)
    if (is_external(network) && value_or(network.details, "is_default", false) == true)
      co_return to_string(network.row.id);
  co_return deployment_error("No default router:external network");
}

// By IP version.
Task<std::expected<std::vector<std::pair<int, std::string>>, Refusal>> default_pools(Call& call) {
  std::vector<std::pair<int, std::string>> pools;
  for (int version : {4, 6}) {
    auto pool = co_await default_pool(call, version);
    if (!pool) co_return std::unexpected(std::move(pool.error()));
    if (!pool->empty()) pools.emplace_back(version, std::move(*pool));
  }
  if (pools.empty()) co_return deployment_error("No default subnetpools defined");
  co_return pools;
}

// What is gone already is no error: somebody else may be at it.
Task<Checked> drop(Call& call, Parts parts) {
  if (!parts.router.empty()) {
    auto ports = co_await all_stored_ports(call, {}, parts.router);
    if (!ports) co_return std::unexpected(std::move(ports.error()));
    for (const StoredPort& port : *ports)
      if (is_interface(port))
        if (auto gone = co_await delete_part(call, "port", port.row.id); !gone && gone.error().status != 404)
          co_return gone;
    if (auto gone = co_await drop_router(call, parts.router); !gone && gone.error().status != 404) co_return gone;
  }
  if (std::optional<Uuid> network = parse_uuid(parts.network))
    if (auto gone = co_await delete_part(call, "network", *network); !gone && gone.error().status != 404)
      co_return gone;
  co_return Checked();
}

Task<Checked> build(Call& call, const std::string& project, std::string external, Parts& parts) {
  auto pools = co_await default_pools(call);
  if (!pools) co_return std::unexpected(std::move(pools.error()));
  auto network = co_await make_network(call, {{"name", "auto_allocated_network"}, {"project_id", project}});
  if (!network) co_return std::unexpected(std::move(network.error()));
  parts.network = text_at(*network, "id");
  std::vector<std::string> subnets;
  for (const auto& [version, pool] : *pools) {
    auto subnet = co_await make_subnet(call, {{"name", fmt::format("auto_allocated_subnet_v{}", version)},
                                              {"network_id", parts.network},
                                              {"project_id", project},
                                              {"ip_version", version},
                                              {"subnetpool_id", pool}});
    if (!subnet && subnet.error().status == 400) co_return deployment_error("Unable to provide tenant private network");
    if (!subnet) co_return std::unexpected(std::move(subnet.error()));
    subnets.push_back(text_at(*subnet, "id"));
  }
  auto made = co_await make_router(call, {{"name", "auto_allocated_router"},
                                          {"project_id", project},
                                          {"external_gateway_info", {{"network_id", external}}}});
  if (!made) co_return std::unexpected(std::move(made.error()));
  parts.router = text_at(*made, "id");
  auto router = co_await find_router(call, parts.router);
  if (!router) co_return std::unexpected(std::move(router.error()));
  for (std::string& subnet : subnets) {
    auto ports = co_await all_stored_ports(call, {}, parts.router);
    if (!ports) co_return std::unexpected(std::move(ports.error()));
    if (auto added = co_await add_router_subnet(call, *router, *ports, std::move(subnet)); !added)
      co_return std::unexpected(std::move(added.error()));
  }
  co_return Checked();
}

Parts parts_of(const StoredObject& topology) {
  return {text_at(topology.body, "network_id"), text_at(topology.body, "router_id")};
}

// The topology that the project has; nothing where its network is gone, as is its record then.
Task<std::expected<std::optional<Parts>, Refusal>> find_topology(Call& call, std::string project) {
  auto found = co_await find_object(call, kTopologies, project);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return std::nullopt;
  Parts parts = parts_of(**found);
  auto network = co_await find_stored_network(call, parse_uuid(parts.network).value_or(Uuid{}));
  if (!network) co_return std::unexpected(std::move(network.error()));
  if (*network) co_return std::move(parts);
  if (auto gone = co_await delete_object(call, kTopologies, project); !gone && gone.error().status != 404)
    co_return std::unexpected(std::move(gone.error()));
  co_return std::nullopt;
}

// Clients that name no project say "None".
std::expected<std::string, Refusal> project_of_path(const Call& call) {
  const std::string said = call.in_path("project");
  const std::string own = to_hex(call.caller.project_id);
  if (said == "None" || said == "null") return own;
  const std::optional<Uuid> project = parse_uuid(said);
  if (project && (call.is_admin() || to_hex(*project) == own)) return to_hex(*project);
  return refused(project ? 403 : 404, project ? "Not authorized." : "The resource could not be found.",
                 project ? "NotAuthorized" : "HTTPNotFound");
}

Answer topology_answer(std::string id, std::string project) {
  return {200, {{"auto_allocated_topology", {{"id", std::move(id)}, {"tenant_id", project}, {"project_id", project}}}}};
}

Task<Answered> show(Call& call) {
  auto project = project_of_path(call);
  if (!project) co_return std::unexpected(std::move(project.error()));
  for (const std::string& field : call.all_in_query("fields")) {
    if (field != "dry-run") co_return bad_request("BadRequest", "Bad auto_allocate request: Unrecognized field.");
    if (auto ready = co_await check_topology_possible(call); !ready)
      co_return std::unexpected(std::move(ready.error()));
    co_return topology_answer("dry-run=pass", *project);
  }
  auto network = co_await auto_allocated_network(call, *project);
  if (!network) co_return std::unexpected(std::move(network.error()));
  co_return topology_answer(std::move(*network), *project);
}

Task<Answered> remove(Call& call) {
  auto project = project_of_path(call);
  if (!project) co_return std::unexpected(std::move(project.error()));
  auto topology = co_await find_topology(call, *project);
  if (!topology) co_return std::unexpected(std::move(topology.error()));
  if (!*topology) co_return Answer{204, nullptr};
  if (auto gone = co_await drop(call, std::move(**topology)); !gone) co_return std::unexpected(std::move(gone.error()));
  if (auto gone = co_await delete_object(call, kTopologies, *project); !gone && gone.error().status != 404)
    co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNeutron = Service::kNetwork;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/auto-allocated-topology/{project}", UserRole::kReader, "get_auto_allocated_topology",
     &show},
    {kNeutron, "DELETE", "/v2.0/auto-allocated-topology/{project}", UserRole::kMember, "delete_auto_allocated_topology",
     &remove},
};

}  // namespace

Task<Checked> check_topology_possible(Call& call) {
  if (auto external = co_await default_external_network(call); !external)
    co_return std::unexpected(std::move(external.error()));
  if (auto pools = co_await default_pools(call); !pools) co_return std::unexpected(std::move(pools.error()));
  co_return Checked();
}

Task<std::expected<std::string, Refusal>> auto_allocated_network(Call& call, std::string project) {
  auto topology = co_await find_topology(call, project);
  if (!topology) co_return std::unexpected(std::move(topology.error()));
  if (*topology) co_return std::move((*topology)->network);
  auto external = co_await default_external_network(call);
  if (!external) co_return std::unexpected(std::move(external.error()));
  Parts parts;
  if (auto built = co_await build(call, project, std::move(*external), parts); !built) {
    (void)co_await drop(call, std::move(parts));
    co_return std::unexpected(std::move(built.error()));
  }
  StoredObject record{.id = project, .owner = project};
  record.body = {{"network_id", parts.network}, {"router_id", parts.router}};
  std::string network = parts.network;
  auto stored = co_await put_object(call, kTopologies, std::move(record));
  if (stored) co_return network;
  // Somebody else's was first, or it can't be kept.
  (void)co_await drop(call, std::move(parts));
  auto first = co_await find_topology(call, project);
  if (first && *first) co_return std::move((*first)->network);
  co_return std::unexpected(std::move(stored.error()));
}

std::span<const Route> auto_allocated_topology_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
