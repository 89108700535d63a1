// What clients ask that brings a server to another host, or ends such a move: nova/compute/api.py resize, live_migrate,
// evacuate, unshelve, confirm_resize, revert_resize, live_migrate_abort. How it goes on: move_stages.h. Loop thread only.
#pragma once

#include <string>

#include "controller/core/controller_world.h"
#include "controller/core/host_action_flow.h"
#include "controller/core/host_registry.h"
#include "controller/core/move_stages.h"
#include "domain/nouns/server_move.h"
#include "domain/operation.h"

namespace kilonova::controller {

// Each is answered once it is committed. kConflict when the state or a lock forbids it, kInvalidArgument for a flavor, host
// or zone that will not do, kQuotaExceeded with Nova's text, kUnavailable when the store refuses: nothing is changed then.
class MoveRequests {
 public:
  MoveRequests(ControllerWorld& world, HostRegistry& hosts, HostActionFlow& actions, MoveStages& stages)
      : world_(world), hosts_(hosts), actions_(actions), stages_(stages) {}

  Task<Expected<Empty>> handle(ResizeServer request, RequestContext context);
  Task<Expected<Empty>> handle(MigrateServer request, RequestContext context);
  Task<Expected<Empty>> handle(LiveMigrateServer request, RequestContext context);
  Task<Expected<Empty>> handle(EvacuateServer request, RequestContext context);
  Task<Expected<Empty>> handle(UnshelveServer request, RequestContext context);
  Task<Expected<Empty>> handle(AbortMigration request, RequestContext context);
  Task<Expected<Empty>> handle(ForceCompleteMigration request, RequestContext context);
  Task<Expected<Empty>> confirm(std::string server, RequestContext context);
  Task<Expected<Empty>> revert(std::string server, RequestContext context);

 private:
  Task<Expected<Empty>> begin_cold(HostActionFlow::Held held, const ServerActionInfo& action, Move move,
                                   RequestContext context);
  // The host that is asked for, if one is, is there, and not the server's own. `own`: Nova's text of that.
  Expected<> check_host(const Instance& row, const std::string& host, std::string_view own) const;
  // Of this server, and under way.
  Expected<const Instance*> find_live(const std::string& server, int64_t migration,
                                      const RequestContext& context) const;

  ControllerWorld& world_;
  HostRegistry& hosts_;
  HostActionFlow& actions_;
  MoveStages& stages_;
};

}  // namespace kilonova::controller
