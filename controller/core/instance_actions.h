// The record of what was asked of servers, kept in the transactions of what it is about. Loop thread only; the caller
// holds the server's lock.
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "controller/core/controller_world.h"
#include "domain/instance_action.h"
#include "domain/launch_steps.h"
#include "domain/operation.h"
#include "domain/server_actions.h"

namespace kilonova::controller {

// How many are kept of one server, besides its create: older ones go when another begins.
inline constexpr size_t kActionsKept = 100;

// Changes of the record that belong to one transaction: put() into it, and apply() once it is committed.
class ActionChanges {
 public:
  explicit ActionChanges(ControllerWorld& world) : world_(world), records_(world.records) {}

  // The action begins, and the one before it ends if it has not; `at_once`: and is finished. `server`: as the action
  // leaves it. One of no row is given by its name and its events.
  void begin(const Instance& server, const ServerActionInfo& action, const RequestContext& context, WallTime now,
             bool at_once);
  void begin(const Instance& server, std::string action, const ActionEventList& events, const RequestContext& context,
             WallTime now, bool at_once);
  // The newest one that is under way, if any, has come so far: its events begin and end (domain/server_actions.h).
  void reach(const Instance& server, ActionPhase phase, WallTime now);
  // It begins anew, for another host.
  void try_again(const Instance& server, WallTime now);
  // It ends.
  void finish(const Instance& server, WallTime now, std::string fault);
  void erase_all(const Uuid& instance);

  void put(Transaction& transaction) const;
  // The log is told of those that have ended.
  void apply();

 private:
  void tell_end(const InstanceAction& action);
  // The newest one of the server where it is under way, to be changed; nullptr otherwise.
  InstanceAction* under_way(const Uuid& instance);

  ControllerWorld& world_;
  RecordTables& records_;
  std::vector<InstanceAction> put_;
  std::map<std::pair<Uuid, uint64_t>, TraceContext> begun_;
  std::vector<std::pair<Uuid, uint64_t>> erased_;
};

// Whether a host is to make a crash dump: the one action that leaves no task in the server's row.
bool makes_crash_dump(const RecordTables& records, const Instance& server);
// What a host is doing for the server, besides moves; nullptr for nothing.
const ServerActionInfo* action_under_way(const RecordTables& records, const Instance& server);

// Newest first, the create last.
std::vector<InstanceAction> actions_of(const RecordTables& records, const Instance& server);
// The events of a create, one for each host that tried it.
std::vector<InstanceActionEvent> create_events(const Instance& server, std::span<const StepRecord> steps);

}  // namespace kilonova::controller
