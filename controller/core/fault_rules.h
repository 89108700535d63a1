// kilonova fault add, list, clear. Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "controller/core/fault_desk.h"
#include "domain/nouns/fault_rule.h"
#include "domain/operation.h"

namespace kilonova::controller {

class FaultRules {
 public:
  FaultRules(ControllerWorld& world, FaultDesk& desk) : world_(world), desk_(desk) {}

  // kNotFound for a project that is not there.
  Task<Expected<FaultList>> handle(AddFault request, RequestContext context);
  Expected<FaultList> handle(const ListFaults& request, const RequestContext& context) const;
  // kNotFound for an id that is not there.
  Task<Expected<Empty>> handle(ClearFaults request, RequestContext context);

 private:
  ControllerWorld& world_;
  FaultDesk& desk_;
};

}  // namespace kilonova::controller
