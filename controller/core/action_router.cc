#include "controller/core/action_router.h"

#include <utility>

namespace kilonova::controller {

Task<Expected<Empty>> ActionRouter::handle(ServerAction request, RequestContext context) {
  switch (request.action) {
    case ServerActionKind::kShelve: return snapshots_.shelve(std::move(request.server), std::move(context));
    case ServerActionKind::kConfirmResize: return moves_.confirm(std::move(request.server), std::move(context));
    case ServerActionKind::kRevertResize: return moves_.revert(std::move(request.server), std::move(context));
    default: return actions_.plain(request.action, std::move(request.server), std::move(context));
  }
}

}  // namespace kilonova::controller
