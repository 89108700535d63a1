// kilonova fault add, list, clear. Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/api.h"

namespace kilonova::controller {

class FaultRules {
 public:
  explicit FaultRules(ControllerWorld& world) : world_(world) {}

  // Steps 1 to 5, 8 and 13 belong to other daemons than compute: kInvalidArgument, only compute's steps can be struck.
  Task<Expected<ApiResponse>> add(AddFault request);
  Expected<ApiResponse> list(const ListFaults& request) const;
  // kNotFound for an id that is not there.
  Task<Expected<ApiResponse>> clear(ClearFaults request);

 private:
  ControllerWorld& world_;
};

}  // namespace kilonova::controller
