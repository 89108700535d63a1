// Server groups, by the rules of nova/api/openstack/compute/server_groups.py. Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/nouns/server_group.h"
#include "domain/operation.h"

namespace kilonova::controller {

class ServerGroups {
 public:
  explicit ServerGroups(ControllerWorld& world) : world_(world) {}

  // kNotFound, and kConflict for a name that several have.
  Expected<ServerGroupList> handle(const ListServerGroups& request, const RequestContext& context) const;
  // kQuotaExceeded in Nova's words.
  Task<Expected<ServerGroupList>> handle(CreateServerGroup request, RequestContext context);
  Task<Expected<Empty>> handle(DeleteServerGroup request, RequestContext context);

 private:
  ControllerWorld& world_;
};

// How many the project has.
int64_t server_groups_of(const RecordTables& records, const Uuid& project);
// How many of these the user made.
int64_t server_groups_of(const RecordTables& records, const Uuid& project, const Uuid& user);

}  // namespace kilonova::controller
