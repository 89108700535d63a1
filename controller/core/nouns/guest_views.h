// What guests show, made of the rows of their servers: domain/guest_facts.h. Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/nouns/guest_view.h"
#include "domain/operation.h"

namespace kilonova::controller {

class GuestViews {
 public:
  explicit GuestViews(ControllerWorld& world) : world_(world) {}

  // All: kNotFound; kConflict while no host has the server.
  Expected<ConsoleOutput> handle(const GetConsoleOutput& request, const RequestContext& context) const;
  // kInvalidArgument for a type that hosts do not offer.
  Expected<ConsoleUrl> handle(const GetConsoleUrl& request, const RequestContext& context);
  // kConflict, too, for a guest that does not run.
  Expected<ServerDiagnostics> handle(const GetServerDiagnostics& request, const RequestContext& context) const;

 private:
  ControllerWorld& world_;
};

}  // namespace kilonova::controller
