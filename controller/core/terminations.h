// Tells hosts to destroy guests: of a delete, of a server that leaves its host shelved, and of the end of a resize.
// Fault rules of these actions strike here, before the host is told. Loop thread only.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/core/controller_world.h"
#include "controller/core/fault_desk.h"
#include "domain/messages.h"
#include "domain/request_spec.h"

namespace kilonova::controller {

class Terminations {
 public:
  // A rule has struck so that the work of this host's process fails: as it would have said itself. It ends when that is
  // written down, or cannot be.
  using Failed = std::function<Task<>(Peer process, ServerActionDone done)>;

  Terminations(ControllerWorld& world, FaultDesk& faults, Failed failed)
      : world_(world), faults_(faults), failed_(std::move(failed)) {}

  // At once, or when the rules of this action let it. What is told again while one holds it is not told; what one has
  // lost is, and passes. `action`: as rules name it.
  void tell(const Instance& row, std::string_view action, const PlacementId& placement, const std::string& host);

 private:
  struct Told {
    TerminateInstance message;
    PeerId process;
    uint64_t operation = 0;  // of its server
    std::vector<InjectedFault> faults;
  };
  using Key = std::pair<PlacementId, std::string>;

  Task<> strike(Told told);
  // When its rules let it.
  Task<> let_go(Told told);

  ControllerWorld& world_;
  FaultDesk& faults_;
  Failed failed_;
  std::set<Key> struck_;  // whom a rule holds
};

}  // namespace kilonova::controller
