// Projects: a project is deleted when it has no servers, and what is its own goes with it. Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/nouns/project.h"
#include "domain/operation.h"

namespace kilonova::controller {

class Projects {
 public:
  explicit Projects(ControllerWorld& world) : world_(world) {}

  Expected<ProjectList> handle(const ListProjects& request, const RequestContext& context) const;
  // kAlreadyExists for a taken name.
  Task<Expected<ProjectList>> handle(CreateProject request, RequestContext context);
  // Likewise.
  Task<Expected<ProjectList>> handle(ReplaceProject request, RequestContext context);
  // kConflict while the project has servers.
  Task<Expected<Empty>> handle(DeleteProject request, RequestContext context);

 private:
  ControllerWorld& world_;
};

}  // namespace kilonova::controller
