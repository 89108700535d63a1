// Steps 2 and 3 of a launch: rows committed, the client answered, the batch cast to a scheduler. Nova's conductor
// (nova/conductor/manager.py schedule_and_build_instances, build_instances). Loop thread only.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/elapsed_clock.h"
#include "controller/core/controller_world.h"
#include "controller/core/create_plan.h"
#include "controller/core/fault_desk.h"
#include "domain/client_token.h"
#include "domain/messages.h"
#include "domain/nouns/server.h"

namespace kilonova::controller {

class LaunchFlow {
 public:
  LaunchFlow(ControllerWorld& world, FaultDesk& faults);

  // Step 2, then 3. Answers with the committed rows; plan_create() lists the refusals, and: kResourceExhausted beyond
  // max_unstable_instances, and of max_client_tokens; kConflict for a client token repeated with another request, or when
  // all servers that it created are gone.
  Task<Expected<CreateServersReply>> handle(ApiCall call, const CreateServers*);

  // Step 3 for one server of which no try is under way yet: the row says which epoch, attempt and alternates.
  void build_instances(const Instance& row);
  // Casts again what no scheduler took, or what a scheduler of another incarnation refused.
  void cast_again(const Uuid& instance);
  // Casts again what is still that very cast: a refusal that comes twice must not place a server twice.
  void on_refused(PeerId scheduler, const SelectDestinationsRefused& refused);
  // A scheduler connected: casts what waits for one.
  void cast_waiting();
  // Client tokens beyond their lifetime are erased, some at a time. What the disk refuses is tried at the next call.
  void forget_old_tokens();

 private:
  // What fault rules of steps 1 and 2 did.
  struct StruckCall {
    bool is_lost = false;                      // the call, or its answer
    uint64_t accepted_by = 0, created_by = 0;  // the rules
  };
  Task<Expected<CreateServersReply>> create(ApiCall call, StruckCall& struck);
  Task<Expected<CreateServersReply>> create_new(ApiCall call, StruckCall& struck);
  // Commits them. Of two creates at once in one server group the second is counted with the first.
  Task<Expected<>> insert(const std::vector<Instance>& rows, Transaction more);
  WallTime token_time();
  Expected<CreateServersReply> answer_again(const ClientToken& known, const CreateServers& request) const;
  Task<> erase_old_tokens();
  std::vector<Instance> make_rows(const ApiCall& call, CreatePlan plan);
  void schedule_and_build_instances(std::span<const Instance> rows, const std::vector<StepRecord>& steps);
  void schedule_together(std::span<const Instance> rows, const std::vector<StepRecord>& steps);
  Drive& open_drive(const Instance& row, std::vector<StepRecord> steps, PlacementRequest& request);
  // Faults of steps 1 and 2 strike the call, once, and an error is the answer.
  Task<Expected<>> strike_call(const ApiCall& call, const std::vector<Instance>& rows, StruckCall& outcome);
  // Faults of step 3 strike before the cast: it waits, or is lost, or some of its tries have failed.
  void cast(const Instance& front, std::vector<PlacementRequest> requests);
  std::vector<InjectedFault> faults_of_cast(const Uuid& instance) const;
  bool may_be_struck(const std::vector<PlacementRequest>& requests) const;
  // `records`: step 3 is still to be written down, which only the first cast of a launch does.
  void strike_cast(const Instance& front, std::vector<PlacementRequest> requests, bool records);
  Task<> cast_struck(Instance front, std::vector<PlacementRequest> requests, bool records);
  // `rules`: those that struck, by server.
  void record_cast(const Instance& front, std::vector<PlacementRequest>& requests, WallTime start, Duration took,
                   const std::map<Uuid, uint64_t>& rules);
  void fail_cast(const Instance& front, PlacementRequest request, const InjectedFault& fault, WallTime start,
                 Duration took);
  void ask_for_move(const Instance& row, SelectDestinations& message) const;
  // `is_lost`: on the way, by a fault rule.
  void send_cast(const Instance& front, std::vector<PlacementRequest> requests, bool is_lost = false);

  ControllerWorld& world_;
  FaultDesk& faults_;
  KeyedLock<std::string> token_locks_;
  size_t committing_ = 0;  // servers of creates whose commit is under way
  int64_t next_instance_id_;
  bool erasing_tokens_ = false;
  std::optional<ElapsedClock> token_clock_;  // from the first look at it on
  std::function<void(InstanceReport)> on_failed_;

 public:
  // Takes the tries that a fault of step 3 made fail. Once, at the start.
  void set_on_failed(std::function<void(InstanceReport)> on_failed) { on_failed_ = std::move(on_failed); }
  // Highest row id ever given, told once at start.
  void set_last_instance_id(int64_t id) { next_instance_id_ = id + 1; }
};

}  // namespace kilonova::controller
