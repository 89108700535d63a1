// Nova: the security groups of a server, which are those of its ports. By id or name: addSecurityGroup and
// removeSecurityGroup of a server's actions.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/compute/security_group_view.h"
#include "api-server/front/openstack/compute/server_action_bodies.h"
#include "api-server/front/openstack/compute/server_lookup.h"
#include "api-server/front/openstack/compute/server_networks.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/ports.h"
#include "api-server/front/openstack/network/security_groups.h"
#include "api-server/front/openstack/schema.h"

namespace kilonova::api::openstack {
namespace {

constexpr const char* kGroups = "security_groups";

Task<Answered> list(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  auto ports = co_await ports_of_server(call, *server);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  auto known = co_await all_security_groups(call);
  if (!known) co_return std::unexpected(std::move(known.error()));
  std::vector<Json> groups;
  std::vector<std::string> shown;
  for (const ShownPort& port : *ports)
    for (const std::string& id : groups_of(port.port)) {
      auto group = std::ranges::find(*known, id, &StoredObject::id);
      if (group == known->end() || std::ranges::find(shown, id) != shown.end()) continue;
      shown.push_back(id);
      groups.push_back(security_group_view(*group, *known));
    }
  std::ranges::sort(groups, {}, [](const Json& group) { return text_at(group, "name"); });
  co_return Answer{200, {{"security_groups", Json(std::move(groups))}}};
}

// Of every port of the server. `change` of the ids of one: whether it changed them.
Task<Answered> change_ports(Call& call, std::string_view action,
                            bool (*change)(std::vector<std::string>& ids, const std::string& id)) {
  const Json& wanted = call.body.begin().value();
  static const Rule rule = object({{"name", name(), true}});
  if (auto wrong = check_schema(body_of(std::string(action), rule), call.body, call.minor))
    co_return std::unexpected(std::move(*wrong));
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  const std::string named = text_at(wanted, "name");
  auto group = co_await find_group(call, named);
  if (!group) co_return std::unexpected(std::move(group.error()));
  auto ports = co_await ports_of_server(call, *server);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  bool changed = false;
  for (ShownPort& port : *ports) {
    std::vector<std::string> ids = groups_of(port.port);
    if (!change(ids, *group)) continue;
    changed = true;
    port.port.details[kGroups] = ids;
    auto stored = co_await store(call, std::move(port.port));
    if (!stored) co_return std::unexpected(std::move(stored.error()));
  }
  if (!changed && action == "removeSecurityGroup")
    co_return refused(
        404, fmt::format("Security group {} not associated with the instance {}", named, to_string(server->uuid)));
  co_return Answer{202, nullptr};
}

bool put_id(std::vector<std::string>& ids, const std::string& id) {
  if (std::ranges::find(ids, id) != ids.end()) return false;
  ids.push_back(id);
  return true;
}

bool take_id(std::vector<std::string>& ids, const std::string& id) { return std::erase(ids, id) > 0; }

constexpr Route kRoutes[] = {
    {Service::kCompute, "GET", "/v2.1/servers/{server}/os-security-groups", UserRole::kReader,
     "os_compute_api:os-security-groups:list", &list},
};

}  // namespace

Task<Answered> add_security_group(Call& call) { co_return co_await change_ports(call, "addSecurityGroup", &put_id); }
Task<Answered> remove_security_group(Call& call) {
  co_return co_await change_ports(call, "removeSecurityGroup", &take_id);
}

std::span<const Route> server_security_group_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
