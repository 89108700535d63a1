// kilonova fault add, list, clear. Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/nouns/fault_rule.h"
#include "domain/operation.h"

namespace kilonova::controller {

class FaultRules {
 public:
  explicit FaultRules(ControllerWorld& world) : world_(world) {}

  Task<Expected<FaultList>> handle(AddFault request, RequestContext context);
  Expected<FaultList> handle(const ListFaults& request, const RequestContext& context) const;
  // kNotFound for an id that is not there.
  Task<Expected<Empty>> handle(ClearFaults request, RequestContext context);

 private:
  ControllerWorld& world_;
};

}  // namespace kilonova::controller
