// SchedulerCore: steps 4 and 5 of a launch. Owns what one scheduler believes of the hosts; turns each
// SelectDestinations into run casts or NoValidHost, at once and without waiting for anybody.
//
// Everything is called on the loop's thread. No message can make it fail: what comes from the wrong role, names unknown
// hosts or asks for nonsense is refused or ignored, and said in the log. It remembers nothing across a restart: its
// incarnation tells the others. Flow: docs/life-of-a-launch.md; rules: docs/protocol.md.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/hash_map.h"
#include "base/random.h"
#include "domain/beliefs.h"
#include "domain/messages.h"
#include "domain/nouns/host_verdict.h"
#include "ports/caller.h"
#include "ports/log.h"
#include "ports/struck.h"
#include "ports/transport.h"
#include "runtime/loop.h"
#include "runtime/scope.h"
#include "runtime/task.h"
#include "scheduler/core/decision_history.h"
#include "scheduler/core/drivers/driver.h"
#include "scheduler/core/host_manager.h"
#include "scheduler/core/options.h"

namespace kilonova::scheduler {

struct SchedulerPorts {
  Loop& loop;
  Transport& transport;
  Log& log;
  Random random;
  SchedulerOptions options;  // must be valid: validate()
};

// What `kilonova check` and tests look at.
struct SchedulerState {
  const HostManager& hosts;
  uint64_t cast_watermark = 0;
  uint64_t decisions = 0;
};

class SchedulerCore final : public PeerHandler {
 public:
  explicit SchedulerCore(SchedulerPorts ports);

  // Starts the heartbeats. Once, before peers connect.
  void start();

  void on_peer_up(const Peer& peer) override;
  void on_peer_down(const Peer& peer) override;
  void on_message(const Peer& from, Message message) override;

  SchedulerState core_state() const { return {hosts_, cast_watermark_, decisions_}; }
  // One page of what it believes of the hosts, or of its debits, for audits. kInvalidArgument for other kinds, and for a
  // position that no page ended with.
  Expected<BeliefPage> beliefs(const ReadBeliefs& request) const;

 private:
  // One server of a cast, and what was decided for it.
  struct Selection {
    PlacementRequest* request = nullptr;
    HostIndex host = kNoIndex;
    std::vector<std::string> alternates;
    Decision decision;
    StepRecord host_selected;
  };
  // One cast at work. `cast` outlives it.
  struct Batch {
    Peer controller;
    SelectDestinations& cast;
    SchedulingRequest wanted;
    std::vector<Selection> selections;
    std::shared_ptr<const AskedFor> asked;  // once one was decided
  };
  // What a decision made of every host, while pages of it are read.
  struct Judged {
    PlacementId placement;
    Instant at;
    std::vector<HostVerdict> verdicts;
  };
  static constexpr Duration kJudgedKept = seconds(60);

  // struck_casts.cc: casts that an injected fault of step 4 may strike, and tries that one of step 4 or 5 makes fail.
  std::vector<InjectedFault> faults_of(const PlacementRequest& request, LaunchStep step, std::string_view host) const;
  // True: the cast is selected later.
  bool is_delayed(const Peer& controller, SelectDestinations& cast);
  Task<void> select_later(Peer controller, SelectDestinations cast);
  // At step 4, of the cast that is selected now; 0 = none.
  uint64_t rule_that_struck(const PlacementId& placement) const;
  // Reports the servers whose step 4 fails, and takes them out of the requests.
  void fail_selections(Batch& batch, std::vector<PlacementRequest*>& requests);
  // True: a fault of step 5 may strike the cast, which is sent later, or fails.
  bool is_struck(const Batch& batch, const Selection& selection);
  Task<void> run_cast_later(Peer controller, SelectDestinations cast, Selection selection);
  void report_failure(const SelectDestinations& cast, const Selection& selection, const InjectedFault& fault,
                      StepRecord step);

  // select_destinations.cc: the decision of step 4. `again`: it has waited, and is no repeat.
  void select_destinations(const Peer& controller, SelectDestinations cast, bool again = false);
  std::vector<PlacementRequest*> requests_to_place(SelectDestinations& cast, bool repeated);
  bool select_all(Batch& batch);
  // False when no host is valid; then the decision says why. `wanted` as in Driver::select_hosts.
  bool select_host(Batch& batch, Selection& selection, size_t wanted, std::vector<HostIndex>& ranking);
  // What host_verdicts.cc needs to decide once more as it did after that change.
  void remember(Batch& batch, const PlacementId& placement, uint64_t change);
  std::vector<HostIndex> rank_hosts(const Batch& batch, Selection& selection, size_t wanted);
  std::vector<HostIndex> take_forced_host(const Batch& batch, Decision& decision) const;
  std::vector<HostIndex> take_alternate(const Batch& batch, Selection& selection) const;
  void give_alternates(Batch& batch, const std::vector<HostIndex>& ranking);

  // run_cast.cc: step 5, and the results that are no cast.
  void cast_all(Batch& batch);
  // `struck`: by a fault of step 5, which may lose the cast.
  bool run_cast(const SelectDestinations& cast, const Selection& selection, const Struck* struck = nullptr);
  void repeat_cast(const SelectDestinations& cast, PlacementRequest& request, const Debit& debit);
  void report_no_valid_host(const Batch& batch, const std::vector<PlacementRequest*>& requests,
                            const Selection& failed);

  // host_verdicts.cc. All pages but the first are of what the first was of.
  Expected<HostVerdicts> verdicts(const ReadHostVerdicts& request);
  Expected<> judge_again(const PlacementId& placement);
  void forget_judged();

  void log_decision(const Uuid& instance, const Decision& decision);

  void answer_call(const Peer& from, uint64_t call_id, const ApiCall& call);

  // A cast decided on half a picture would find no valid host where there is one.
  bool knows_enough();
  void take_cast(const Peer& controller, SelectDestinations cast);
  void work_off_held();
  Task<void> end_patience();

  Task<void> heartbeat_flow();
  void send_heartbeat();

  Loop& loop_;
  Transport& transport_;
  Log& log_;
  Random random_;
  SchedulerOptions options_;
  std::string self_;  // "scheduler-0"
  std::unique_ptr<Driver> driver_;
  Caller caller_;
  AskedController judge_;  // of fault rules

  HostManager hosts_;
  DecisionHistory past_decisions_;
  std::optional<Judged> judged_;
  HashMap<PeerId, Incarnation> incarnations_;  // of every peer, as last heard
  std::optional<Peer> controller_;             // while connected
  // Highest cast number handled for this controller incarnation. Streams keep their order: a number that was skipped
  // was lost and never comes, and only when it counts as handled does the controller's watchdog take it up.
  uint64_t cast_watermark_ = 0;
  uint64_t decisions_ = 0;

  bool statuses_heard_ = false;           // from this controller incarnation
  std::optional<Instant> unknown_since_;  // since when hosts that are up have not told their usage
  struct HeldCast {
    Peer controller;
    SelectDestinations cast;
  };
  std::deque<HeldCast> held_;             // in their order
  std::multiset<uint64_t> delayed_;       // numbers of the casts that injected faults delay, or may
  std::map<PlacementId, Struck> struck_;  // by faults of step 4, while their cast is selected

  Scope scope_;
};

}  // namespace kilonova::scheduler
