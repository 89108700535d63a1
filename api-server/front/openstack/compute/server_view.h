// Servers as Nova shows them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/compute/server_lookup.h"
#include "api-server/front/openstack/compute/server_networks.h"
#include "api-server/front/openstack/json.h"
#include "domain/instance.h"
#include "domain/server_properties.h"

namespace kilonova::api::openstack {

// What a server's row does not say of itself, for one answer.
struct ServerFacts {
  // Of hosts: "UP", "DOWN", "MAINTENANCE"; asked for admins from 2.16 on. One that is gone is not in it.
  std::map<std::string, std::string> by_host;
  ServerNetworks networks;
};

// Of these servers, as far as the caller is shown it.
Task<std::expected<ServerFacts, Refusal>> facts_of(Call& call, const std::vector<Instance>& servers);

Json server_brief(const Instance& server, const Call& call);
// `is_list`: in a list, from which the server groups are missing.
Json server_detail(const Instance& server, const ServerProperties& properties, const ServerFacts& facts, bool is_list,
                   const Call& call);
// {"server": ...}, of one that was asked for.
Task<Answered> server_answer(Call& call, FoundServer server);
// {"server": ...}, of one that was changed: before 2.75 Nova leaves out what its extensions say of a server.
Task<Answered> changed_server_answer(Call& call, FoundServer server);

// When it was changed, or made where it never was.
WallTime last_change_of(const Instance& server);
// When it went; nothing while it is there.
std::optional<WallTime> terminated_at(const Instance& server);

// sha224 of project and host: tells whether two servers are on one host, and not on which. "" without a host.
std::string host_id(const Uuid& project, const std::string& host);

}  // namespace kilonova::api::openstack
