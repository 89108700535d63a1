#include "sim/server_requests.h"

#include "base/check.h"
#include "domain/nouns/server.h"
#include "domain/nouns/server_move.h"
#include "domain/nouns/server_request.h"

namespace kilonova::sim {

const std::vector<const ServerActionInfo*>& asked_actions() {
  static const std::vector<const ServerActionInfo*> kAsked = [] {
    std::vector<const ServerActionInfo*> asked;
    for (const ServerActionInfo& action : server_actions())
      if (action.asked != ActionAsked::kNext) asked.push_back(&action);
    return asked;
  }();
  return kAsked;
}

ApiRequest request_of(const ServerActionInfo& action, const std::string& server) {
  if (action.asked == ActionAsked::kPlain) return ServerAction{server, action.action};
  switch (action.action) {
    case ServerActionKind::kChangePassword: return ChangeServerPassword{server};
    case ServerActionKind::kRescue: return RescueServer{server, "cirros"};
    case ServerActionKind::kRebuild: return RebuildServer{.server = server, .image = "cirros"};
    case ServerActionKind::kCreateImage: return CreateServerImage{server, "snapshot", {}};
    case ServerActionKind::kCreateBackup: return CreateServerBackup{server, "backup", "daily", 1, {}};
    case ServerActionKind::kUnshelve: return UnshelveServer{.server = server};
    case ServerActionKind::kResize: return ResizeServer{server, "m1.small"};
    case ServerActionKind::kMigrate: return MigrateServer{server, ""};
    case ServerActionKind::kLiveMigrate: return LiveMigrateServer{server, "", false};
    case ServerActionKind::kEvacuate: return EvacuateServer{server, "", false};
    default: break;
  }
  KN_CHECK(false, "an action without its operation");
  return ServerAction{server, action.action};
}

}  // namespace kilonova::sim
