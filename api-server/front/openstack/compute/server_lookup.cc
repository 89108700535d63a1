#include "api-server/front/openstack/compute/server_lookup.h"

#include <fmt/format.h>

#include "domain/nouns/server.h"

namespace kilonova::api::openstack {

std::unexpected<Refusal> no_server(std::string_view id) {
  return refused(404, fmt::format("Instance {} could not be found.", id));
}

Task<std::expected<Instance, Refusal>> find_server(Call& call) {
  std::string asked = call.in_path("server");
  std::optional<Uuid> id = parse_uuid(asked);
  if (!id) co_return no_server(asked);
  auto found = co_await ask(call, GetServer{to_string(*id), call.is_admin()});
  if (!found && found.error().status == 404) co_return no_server(asked);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (found->servers.empty() || found->servers.front().uuid != *id) co_return no_server(asked);
  co_return std::move(found->servers.front());
}

}  // namespace kilonova::api::openstack
