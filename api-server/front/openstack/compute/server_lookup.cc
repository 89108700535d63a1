#include "api-server/front/openstack/compute/server_lookup.h"

#include <fmt/format.h>

#include <utility>

namespace kilonova::api::openstack {

std::unexpected<Refusal> no_server(std::string_view id) {
  return refused(404, fmt::format("Instance {} could not be found.", id));
}

void add_properties(std::vector<ServerProperties>& properties, PropertiesByServer& by_server) {
  for (ServerProperties& each : properties) by_server[each.instance] = std::move(each);
}

ServerProperties properties_of(const PropertiesByServer& by_server, const Uuid& server) {
  auto found = by_server.find(server);
  return found == by_server.end() ? ServerProperties{.instance = server} : found->second;
}

Task<std::expected<Instance, Refusal>> find_server(Call& call) {
  auto found = co_await find_whole_server(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return std::move(found->row);
}

Task<std::expected<FoundServer, Refusal>> find_whole_server(Call& call) {
  std::string asked = call.in_path("server");
  std::optional<Uuid> id = parse_uuid(asked);
  if (!id) co_return no_server(asked);
  auto found = co_await ask(call, GetServer{to_string(*id), call.is_admin()});
  if (!found && found.error().status == 404) co_return no_server(asked);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (found->servers.empty() || found->servers.front().uuid != *id) co_return no_server(asked);
  co_return server_of(std::move(*found));
}

std::expected<FoundServer, Refusal> server_of(ServerList reply) {
  if (reply.servers.empty()) return refused(500, "a server was asked of and not answered");
  FoundServer server{std::move(reply.servers.front()), {}};
  if (!reply.properties.empty())
    server.properties = std::move(reply.properties.front());
  else
    server.properties.instance = server.row.uuid;
  return server;
}

}  // namespace kilonova::api::openstack
