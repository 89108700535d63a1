// Flavors: public ones are everybody's, private ones the admins'. Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/nouns/flavor.h"
#include "domain/operation.h"

namespace kilonova::controller {

class Flavors {
 public:
  explicit Flavors(ControllerWorld& world) : world_(world) {}

  // kNotFound for a flavor that is named and not there; kAlreadyExists for a taken id or name.
  Expected<FlavorList> handle(const ListFlavors& request, const RequestContext& context) const;
  Task<Expected<FlavorList>> handle(CreateFlavor request, RequestContext context);
  Task<Expected<FlavorList>> handle(SetFlavor request, RequestContext context);
  Task<Expected<Empty>> handle(DeleteFlavor request, RequestContext context);

 private:
  ControllerWorld& world_;
};

}  // namespace kilonova::controller
