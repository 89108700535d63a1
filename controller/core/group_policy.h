// Server groups as launches and moves meet them: who is a member, what a scheduler is told of the servers with regard
// to which one is placed, and Nova's late check of the policy. Rules after nova/scheduler/utils.py
// setup_instance_group, nova/compute/api.py _get_requested_instance_group and nova/compute/manager.py
// _validate_instance_group_policy. Loop thread only; none of these suspends, commits or sends.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "controller/core/controller_world.h"
#include "controller/core/nouns/servers.h"
#include "domain/messages.h"
#include "domain/nouns/server.h"
#include "domain/nouns/server_group.h"

namespace kilonova::controller {

// By id, or by name within the caller's project. kNotFound; kConflict when several groups have the name.
Expected<const ServerGroup*> find_server_group(const RecordTables& records, const ProjectScope& scope,
                                               const std::string& group);

// The servers of the group, oldest first, but for those that are deleted and can be restored.
std::vector<const Instance*> members_of(const InstanceTable& instances, const Uuid& group);

// Held while servers come into the group, are bound to hosts, or the group goes: a key of
// ControllerWorld::record_locks. Who holds it takes no server's lock.
std::string group_lock(const Uuid& group);

// The hints of a create call, whose group is there. kInvalidArgument for another one.
Expected<SchedulerHints> read_hints(const CreateServers& request, const ProjectScope& scope,
                                    const RecordTables& records);
// Whether the project's quota allows so many members more. kQuotaExceeded in Nova's words.
Expected<> check_group_room(const ControllerWorld& world, const Uuid& group, uint32_t count);

// What a scheduler must know of other servers to place this one, and those that were asked for with it.
void describe_neighbours(const ControllerWorld& world, const Instance& row, SelectDestinations& cast);

// Of the policy that this server would break on this host, Nova's words; "" = of none.
std::string broken_policy(const ControllerWorld& world, const Instance& row, const std::string& host);

}  // namespace kilonova::controller
