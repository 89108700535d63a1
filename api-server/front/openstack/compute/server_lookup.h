// The server that a path names.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "domain/instance.h"
#include "domain/nouns/server.h"
#include "domain/server_properties.h"

namespace kilonova::api::openstack {

// What users say of servers, by server: those of which nothing was said are not in it.
using PropertiesByServer = std::map<Uuid, ServerProperties>;
void add_properties(std::vector<ServerProperties>& properties, PropertiesByServer& by_server);
// Of this server, all defaults where nothing was said of it.
ServerProperties properties_of(const PropertiesByServer& by_server, const Uuid& server);

struct FoundServer {
  Instance row;
  ServerProperties properties;
};

// By its id alone: the operation would take a name too. An admin sees every project's; another project's is 404 to
// others.
Task<std::expected<Instance, Refusal>> find_server(Call& call);
Task<std::expected<FoundServer, Refusal>> find_whole_server(Call& call);

// The server that an operation was asked of, of its reply. 500 when it says none.
std::expected<FoundServer, Refusal> server_of(ServerList reply);

std::unexpected<Refusal> no_server(std::string_view id);

}  // namespace kilonova::api::openstack
