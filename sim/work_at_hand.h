// WorkAtHand: which daemon has which launches at hand, and at which step: what a fault of a daemon strikes. Follows the
// messages, the steps that are logged and the rows; a placement that is over is nobody's, whatever its host still does.
//
// A daemon has a launch at hand from the moment the message that asks for its step is on the way to it. The controller has
// one at step 3 until the cast has arrived, the scheduler at 5 until the run cast has: until then it dies with its sender.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/launch_steps.h"
#include "domain/messages.h"
#include "sim/ledger.h"
#include "sim/network/sim_network.h"

namespace kilonova::sim {

class WorkAtHand final : public Checker, public NetworkObserver {
 public:
  // Told of each message that a fault of the network, or a fault rule, struck, and the step that it carries.
  using Struck = std::function<void(std::string_view fault, PeerId from, PeerId to, LaunchStep step)>;

  // The ledger outlives it.
  WorkAtHand(const Ledger& ledger, Struck struck) : ledger_(ledger), struck_(std::move(struck)) {}

  // The steps of the launches that it has at hand, one for each; of a batch that is not stored yet, one for the call.
  // Of a compute process, those on the hosts that the predicate takes.
  using OfHost = std::function<bool(const std::string& host)>;
  std::vector<LaunchStep> of(PeerId daemon, const OfHost& of_host = {}) const;
  // The step at which it has this placement; kNone when it has not.
  LaunchStep step_of(PeerId daemon, const PlacementId& placement) const;

  // A daemon has logged a step.
  void logged(const Uuid& instance, const StepRecord& record);
  // Its memory is gone, and so are the messages that were still in its queues or on the way to it.
  void died(PeerId daemon);
  // What a compute process had on this host is gone.
  void host_died(PeerId process, const std::string& host);
  // A client's create call came to the api-server, or ended.
  void create_called(int change) { creates_called_ += change; }

  void on_row(const Uuid& uuid, const RowState* before, const RowState* after) override;
  void sent(PeerId from, PeerId to, const Message& message) override;
  void arrives(PeerId from, PeerId to, const Message& message) override;
  void handled() override;
  void struck(std::string_view fault, PeerId from, PeerId to, const Message* message) override;

 private:
  struct Work {
    PeerId daemon;
    PeerId from;  // who asked for it
    uint64_t epoch = 0;
    LaunchStep step = LaunchStep::kNone;
    std::string host;      // of compute
    bool arrived = false;  // the message that asks for it
  };

  bool is_current(const PlacementId& placement) const;
  Work* find(PeerId daemon, LaunchStep first, LaunchStep last, const PlacementId& placement);
  void begin(const PlacementId& placement, Work work);
  void arrived(PeerId daemon, LaunchStep step, const PlacementId& placement);
  void end(PeerId daemon, LaunchStep step, const PlacementId& placement);
  template <class Lost>
  void forget(Lost lost);
  void reported(PeerId from, const InstanceReport& report);

  const Ledger& ledger_;
  Struck struck_;
  std::map<Uuid, std::vector<Work>> works_;
  // Creates at the controller: the api-server and the number of its call, and whether it has arrived.
  std::map<std::pair<PeerId, uint64_t>, bool> creates_;
  int64_t creates_called_ = 0;
  std::vector<PlacementId> selecting_;  // a scheduler is about to work on these
  PeerId selecting_scheduler_;
};

}  // namespace kilonova::sim
