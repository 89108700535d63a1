#include "controller/core/instance_actions.h"

#include <algorithm>
#include <limits>
#include <ranges>
#include <utility>

namespace kilonova::controller {
namespace {

using Table = RecordTable<InstanceAction>::Type;

auto first_of(const Table& table, const Uuid& instance) { return table.lower_bound({instance, 0}); }
auto behind_last_of(const Table& table, const Uuid& instance) {
  return table.upper_bound({instance, std::numeric_limits<uint64_t>::max()});
}

// Behind it there may be others that were done at once, such as a lock.
const InstanceAction* newest_under_way(const Table& table, const Uuid& instance) {
  const auto first = first_of(table, instance);
  for (auto row = behind_last_of(table, instance); row != first;)
    if ((--row)->second.finished_at == WallTime{}) return &row->second;
  return nullptr;
}

constexpr std::string_view kSuperseded = "another action began before it was done";

// The host that a move leaves, or has left.
const std::string& source_of(const Instance& server) {
  const bool has_left = server.move && server.other && server.move->stage >= MoveStage::kArrived;
  return has_left ? server.other->host : server.current.host;
}

std::string place_of(const Instance& server, const ActionEventInfo& event) {
  switch (event.place) {
    case EventPlace::kApi: return "api-server";
    case EventPlace::kConductor: return "controller";
    case EventPlace::kHost: return source_of(server);
    case EventPlace::kTarget: {
      const bool has_come = !server.move || server.move->stage >= MoveStage::kArrived;
      return has_come || !server.other ? server.current.host : server.other->host;
    }
  }
  return {};
}

bool is_of(const ActionEventInfo& event, const Instance& server) {
  if (event.of == EventOf::kEither) return true;
  return server.move.has_value() == (event.of == EventOf::kMove);
}

void end_events(InstanceAction& action, WallTime now, bool failed) {
  for (InstanceActionEvent& event : action.events) {
    if (event.finished_at != WallTime{}) continue;
    event.finished_at = now;
    event.failed = failed;
  }
}

// Events that have begun in the present try: behind the last one that begins a try.
auto events_of_try(InstanceAction& action, const ActionEventList& events, const Instance& server) {
  auto first = std::ranges::find_if(events, [&](const ActionEventInfo& event) { return is_of(event, server); });
  auto begin = action.events.begin();
  if (first != events.end())
    for (auto event = action.events.begin(); event != action.events.end(); ++event)
      if (event->event == first->name) begin = event;
  return std::ranges::subrange(begin, action.events.end());
}

// Up to this phase, in which what is not over goes on.
void bring_to(InstanceAction& action, const ActionEventList& events, const Instance& server, ActionPhase phase,
              WallTime now) {
  for (const ActionEventInfo& info : events) {
    if (!is_of(info, server) || info.from > phase) continue;
    auto known = std::ranges::find(events_of_try(action, events, server), info.name, &InstanceActionEvent::event);
    if (known == action.events.end()) {
      action.events.push_back({std::string(info.name), now, {}, place_of(server, info), false});
      known = std::prev(action.events.end());
    }
    if (info.to <= phase && known->finished_at == WallTime{}) known->finished_at = now;
  }
}

InstanceAction create_of(const Instance& server) {
  InstanceAction create{.instance = server.uuid,
                        .number = 0,
                        .action = "create",
                        .request_id = server.trace.request_id,
                        .user_id = server.spec.user_id,
                        .project_id = server.spec.project_id,
                        .started_at = server.created_at,
                        .finished_at = server.launched_at,
                        .host = server.current.host};
  // One that never was ACTIVE, and is not being built any more, has failed.
  if (server.launched_at == WallTime{} && server.vm_state != VmState::kBuilding) {
    create.finished_at = server.fault.created_at;
    create.failed = true;
    create.message = server.fault.message;
  }
  create.events = create_events(server, {});
  return create;
}

}  // namespace

InstanceAction* ActionChanges::under_way(const Uuid& instance) {
  for (InstanceAction& action : put_ | std::views::reverse)
    if (action.instance == instance && action.finished_at == WallTime{}) return &action;
  const InstanceAction* stored = newest_under_way(records_.of<InstanceAction>(), instance);
  const bool is_ended = stored && std::ranges::find(put_, stored->key(), &InstanceAction::key) != put_.end();
  return stored && !is_ended ? &put_.emplace_back(*stored) : nullptr;
}

void ActionChanges::begin(const Instance& server, const ServerActionInfo& action, const RequestContext& context,
                          WallTime now, bool at_once) {
  begin(server, std::string(action.recorded), action.events, context, now, at_once);
}

void ActionChanges::begin(const Instance& server, std::string action, const ActionEventList& events,
                          const RequestContext& context, WallTime now, bool at_once) {
  if (!at_once) finish(server, now, std::string(kSuperseded));
  const Table& table = records_.of<InstanceAction>();
  const auto first = first_of(table, server.uuid), end = behind_last_of(table, server.uuid);
  const uint64_t last = first == end ? 0 : std::prev(end)->first.second;
  const auto count = static_cast<size_t>(std::distance(first, end));
  if (count >= kActionsKept) erased_.push_back(first->first);
  InstanceAction& begun = put_.emplace_back(InstanceAction{.instance = server.uuid,
                                                           .number = last + 1,
                                                           .action = std::move(action),
                                                           .request_id = context.trace.request_id,
                                                           .user_id = context.user_id,
                                                           .project_id = context.project_id,
                                                           .started_at = now,
                                                           .finished_at = at_once ? now : WallTime{},
                                                           .host = at_once ? std::string() : server.current.host});
  begun_[begun.key()] = context.trace;
  bring_to(begun, events, server, at_once ? ActionPhase::kDone : ActionPhase::kAsked, now);
}

void ActionChanges::reach(const Instance& server, ActionPhase phase, WallTime now) {
  InstanceAction* action = under_way(server.uuid);
  if (action != nullptr) bring_to(*action, events_of(action->action), server, phase, now);
}

void ActionChanges::try_again(const Instance& server, WallTime now) {
  InstanceAction* action = under_way(server.uuid);
  if (action == nullptr) return;
  end_events(*action, now, false);
  InstanceAction anew;
  bring_to(anew, events_of(action->action), server, ActionPhase::kAsked, now);
  std::ranges::move(anew.events, std::back_inserter(action->events));
}

void ActionChanges::finish(const Instance& server, WallTime now, std::string fault) {
  InstanceAction* ended = under_way(server.uuid);
  if (ended == nullptr) return;
  ended->finished_at = now;
  ended->failed = !fault.empty();
  ended->message = std::move(fault);
  end_events(*ended, now, ended->failed);
}

void ActionChanges::erase_all(const Uuid& instance) {
  const Table& table = records_.of<InstanceAction>();
  for (auto row = first_of(table, instance); row != behind_last_of(table, instance); ++row)
    erased_.push_back(row->first);
}

void ActionChanges::put(Transaction& transaction) const {
  for (const auto& key : erased_) transaction.push_back(mutation::Erase<InstanceAction>{key});
  for (const InstanceAction& action : put_) transaction.push_back(mutation::Put<InstanceAction>{action});
}

void ActionChanges::tell_end(const InstanceAction& action) {
  auto asked = world_.action_traces.extract(action.key());
  world_.log.action(asked.empty() ? TraceContext{} : asked.mapped(), action);
}

void ActionChanges::apply() {
  Table& table = records_.of<InstanceAction>();
  for (const auto& key : erased_) {
    table.erase(key);
    world_.action_traces.erase(key);
  }
  for (auto& [key, trace] : begun_) world_.action_traces[key] = trace;
  for (InstanceAction& action : put_) {
    auto key = action.key();
    const auto known = table.find(key);
    const bool was_over = known != table.end() && known->second.finished_at != WallTime{};
    if (action.finished_at != WallTime{} && !was_over) tell_end(action);
    table[key] = std::move(action);
  }
}

bool makes_crash_dump(const RecordTables& records, const Instance& server) {
  if (server.task_state != TaskState::kNone) return false;
  const InstanceAction* newest = newest_under_way(records.of<InstanceAction>(), server.uuid);
  return newest && newest->action == find_action(ServerActionKind::kCrashDump)->recorded;
}

const ServerActionInfo* action_under_way(const RecordTables& records, const Instance& server) {
  if (server.task_state != TaskState::kNone) return find_action(server.task_state);
  return makes_crash_dump(records, server) ? find_action(ServerActionKind::kCrashDump) : nullptr;
}

std::vector<InstanceAction> actions_of(const RecordTables& records, const Instance& server) {
  const Table& table = records.of<InstanceAction>();
  std::vector<InstanceAction> actions;
  for (auto row = first_of(table, server.uuid); row != behind_last_of(table, server.uuid); ++row)
    actions.push_back(row->second);
  std::ranges::reverse(actions);
  actions.push_back(create_of(server));
  return actions;
}

// The failing paths of Nova's _do_build_and_run_instance return a result: its event succeeds all the same.
std::vector<InstanceActionEvent> create_events(const Instance& server, std::span<const StepRecord> steps) {
  const std::string name(events_of("create").begin()->name);
  std::vector<InstanceActionEvent> events;
  for (const StepRecord& step : steps) {
    if (step.step < LaunchStep::kClaimed || step.step > LaunchStep::kActive || step.host.empty()) continue;
    const WallTime end{step.start.us + step.duration.us};
    if (events.empty() || events.back().host != step.host) events.push_back({name, step.start, end, step.host, false});
    events.back().started_at = std::min(events.back().started_at, step.start);
    events.back().finished_at = std::max(events.back().finished_at, end);
    if (step.step == LaunchStep::kActive) break;  // what follows is of moves
  }
  const bool builds = server.vm_state == VmState::kBuilding, launched = server.launched_at != WallTime{};
  if (!events.empty()) {
    if (builds && events.back().host == server.current.host) events.back().finished_at = {};
    return events;
  }
  if (builds || launched) return {{name, server.created_at, server.launched_at, server.current.host, false}};
  if (server.tried_hosts.empty())
    return {{"conductor_schedule_and_build_instances", server.created_at, server.fault.created_at, "controller", true}};
  for (const std::string& host : server.tried_hosts)
    events.push_back({name, server.created_at, server.fault.created_at, host, false});
  return events;
}

}  // namespace kilonova::controller
