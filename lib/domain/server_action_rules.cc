#include "domain/server_action_rules.h"

namespace kilonova {

std::string_view method_of(const ServerActionInfo& action) {
  return action.action == ServerActionKind::kLiveMigrate ? "os-migrateLive" : action.recorded;
}

bool asks_for_host_first(const ServerActionInfo& action) {
  return action.action == ServerActionKind::kStop || action.action == ServerActionKind::kStart ||
         action.action == ServerActionKind::kCrashDump;
}

VmState state_after(const ServerActionInfo& action, VmState from) {
  switch (action.action) {
    case ServerActionKind::kRebuild:
    case ServerActionKind::kEvacuate: return from == VmState::kStopped ? VmState::kStopped : VmState::kActive;
    case ServerActionKind::kConfirmResize:
    case ServerActionKind::kRevertResize: return VmState::kActive;
    case ServerActionKind::kShelveOffload: return VmState::kShelvedOffloaded;
    default: break;
  }
  const ServerActionInfo* last = &action;
  while (last->next) last = find_action(*last->next);
  return last->to.value_or(from);
}

}  // namespace kilonova
