// Scheduler hints of a create, and the hostname that may be asked for.
#pragma once

#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/schema.h"
#include "domain/nouns/server.h"

namespace kilonova::api::openstack {

// nova/api/openstack/compute/schemas/server_scheduler_hints.py: the hints that Nova knows have forms, others are free.
Rule hints_rule();
// Of a body that follows it: what filters and weighers here read. The others have no effect, as in Nova where the
// filters that read them are not enabled.
void read_hints(const Json& body, CreateServers& wanted);

// Nova's hostname, from 2.90 on.
Rule hostname_rule();

}  // namespace kilonova::api::openstack
