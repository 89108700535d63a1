// What servers take of their hosts: the controller's allocations, one for each placement of a server. A server that
// moves has two, both under its own uuid.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "api-server/front/openstack/answer.h"
#include "api-server/front/openstack/call.h"
#include "domain/allocation_candidates.h"
#include "domain/instance.h"
#include "runtime/task.h"

namespace kilonova::api::openstack {

// Of all servers. Pages are of different moments.
Task<std::expected<std::vector<Allocation>, Refusal>> all_server_allocations(Call& call);
// Of one.
Task<std::expected<std::vector<Allocation>, Refusal>> server_allocations(Call& call, const Uuid& server);
// The server of this uuid, whoever's it is; nothing where there is none.
Task<std::expected<std::optional<Instance>, Refusal>> find_server(Call& call, const std::string& uuid);
// A project's. Of another's than the caller's own alone by an administrator.
Task<std::expected<std::vector<Instance>, Refusal>> servers_of_project(Call& call, const Uuid& project);

// By class, without those of which there is none.
Amounts amounts_of(const Resources& resources);
void add_amounts(Amounts& sum, const Amounts& more);

}  // namespace kilonova::api::openstack
