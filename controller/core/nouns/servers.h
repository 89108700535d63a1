// Servers as clients ask for them: of the committed state. Every query carries its project scope. Loop thread only.
#pragma once

#include <string>

#include "controller/core/controller_world.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"

namespace kilonova::controller {

// The scope of a call: all projects only where it asks so (the api-server lets only administrators ask).
ProjectScope scope_of(const RequestContext& context, bool all_projects);

// By uuid, or by name within the caller's project. kNotFound; kConflict when several servers have the name.
Expected<const Instance*> find_server(const InstanceTable& table, const ProjectScope& scope, const std::string& server);

class Servers {
 public:
  explicit Servers(ControllerWorld& world) : world_(world) {}

  Expected<ServerList> handle(const GetServer& request, const RequestContext& context) const;
  // kInvalidArgument for an unknown status or marker.
  Expected<ServerList> handle(const ListServers& request, const RequestContext& context) const;
  Task<Expected<LaunchRecord>> handle(GetLaunchRecord request, RequestContext context);
  Task<Expected<InstanceActionList>> handle(ListInstanceActions request, RequestContext context);
  // kOutOfRange: the events after `since` were dropped already.
  Task<Expected<EventList>> handle(ReadEvents request, RequestContext context);

 private:
  ControllerWorld& world_;
};

}  // namespace kilonova::controller
