// What became of moves, as clients ask for it. Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/nouns/server_move.h"
#include "domain/operation.h"

namespace kilonova::controller {

class Migrations {
 public:
  explicit Migrations(ControllerWorld& world) : world_(world) {}

  // One page, newest first. kNotFound for a server that is named and not there.
  Expected<MigrationList> handle(const ListMigrations& request, const RequestContext& context) const;

 private:
  ControllerWorld& world_;
};

}  // namespace kilonova::controller
