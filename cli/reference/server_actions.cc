// The table of server actions (domain/server_actions.h), for people and for programs.
#include "domain/server_actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/reference/pages.h"
#include "domain/server_action_rules.h"
#include "domain/states.h"

namespace kilonova::cli {
namespace {

template <class Rows, class Contains>
std::vector<std::string> names_of(const Rows& rows, Contains contains) {
  std::vector<std::string> names;
  for (const auto& row : rows)
    if (contains(row)) names.emplace_back(row.name);
  return names;
}

std::vector<std::string> states_of(const ServerActionInfo& action) {
  return names_of(vm_states(), [&](const VmStateInfo& info) { return action.from.contains(info.state); });
}

std::vector<std::string> during_of(const ServerActionInfo& action) {
  return names_of(task_states(), [&](const TaskStateInfo& info) { return action.during_tasks.contains(info.task); });
}

// An action and what follows it by itself, in order.
std::vector<const ServerActionInfo*> stages_of(const ServerActionInfo& action) {
  std::vector<const ServerActionInfo*> stages{&action};
  while (stages.back()->next) stages.push_back(find_action(*stages.back()->next));
  return stages;
}

std::string tasks_of(const ServerActionInfo& action) {
  std::vector<std::string> tasks;
  for (const ServerActionInfo* stage : stages_of(action)) tasks.emplace_back(to_string(stage->task));
  return fmt::format("{}", fmt::join(tasks, ", "));
}

// "active", "as it was", or "active (stopped: stopped)" where not all end in the same state.
std::string end_of(const ServerActionInfo& action) {
  const bool ends_resize =
      action.action == ServerActionKind::kConfirmResize || action.action == ServerActionKind::kRevertResize;
  if (ends_resize) return "active, or stopped where its guest is off";
  std::vector<std::pair<VmState, VmState>> ends;
  for (const VmStateInfo& info : vm_states())
    if (action.from.contains(info.state)) ends.emplace_back(info.state, state_after(action, info.state));
  if (std::ranges::all_of(ends, [](const auto& end) { return end.first == end.second; })) return "as it was";
  const VmState first = ends.front().second;
  std::string others;
  for (const auto& [from, to] : ends)
    if (to != first) others += fmt::format("{}{}: {}", others.empty() ? "" : ", ", to_string(from), to_string(to));
  return others.empty() ? std::string(to_string(first)) : fmt::format("{} ({})", to_string(first), others);
}

Json row_of(const ServerActionInfo& action) {
  Json ends = Json::object(), stages = Json::array(), events = Json::array();
  for (const VmStateInfo& info : vm_states())
    if (action.from.contains(info.state)) ends[std::string(info.name)] = to_string(state_after(action, info.state));
  for (const ServerActionInfo* stage : stages_of(action))
    stages.push_back({{"action", stage->name}, {"task_state", to_string(stage->task)}});
  for (const ActionEventInfo& event : action.events)
    events.push_back({{"event", event.name},
                      {"of", event.of == EventOf::kEither ? "either"
                             : event.of == EventOf::kMove ? "move"
                                                          : "stay"}});
  return {{"action", action.name},
          {"method", method_of(action)},
          {"recorded", action.recorded},
          {"events", std::move(events)},
          {"vm_states", states_of(action)},
          {"task_states", during_of(action)},
          {"ends", std::move(ends)},
          {"stages", std::move(stages)},
          {"admin", action.role == UserRole::kAdmin},
          {"asks_for_host", asks_for_host_first(action)},
          {"ignores_lock", action.ignores_lock},
          {"moves", action.begins_move}};
}

}  // namespace

std::string server_actions_page() {
  std::string out =
      "# Server actions\n\n"
      "In which states of a server an action may begin, as Nova has it. Anything else\n"
      "is a conflict: `Cannot 'stop' instance ... while it is in vm_state stopped`. The\n"
      "task must be none, or one of those in the third column. What a move goes\n"
      "through: [protocol.md](protocol.md#14-moves). `tests/unit/controller/transition_table_test.cc`\n"
      "holds the table a second time, and asks every action in every state;\n"
      "`tests/e2e/server_actions_test.py` asks them all of running daemons.\n\n"
      "| action | vm_state | during | task_state | then | role |\n|---|---|---|---|---|---|\n";
  for (const ServerActionInfo& action : server_actions()) {
    if (action.asked == ActionAsked::kNext) continue;
    out += fmt::format("| {} | {} | {} | {} | {} | {} |\n", action.name, fmt::join(states_of(action), ", "),
                       fmt::join(during_of(action), ", "), tasks_of(action), end_of(action),
                       action.role == UserRole::kAdmin ? "admin" : "member");
  }
  return out;
}

Json server_actions_json() {
  Json states = Json::array(), tasks = Json::array(), actions = Json::array();
  for (const VmStateInfo& info : vm_states()) states.push_back({{"vm_state", info.name}, {"status", info.status}});
  for (const TaskStateInfo& info : task_states()) tasks.push_back(info.name);
  for (const ServerActionInfo& action : server_actions())
    if (action.asked != ActionAsked::kNext) actions.push_back(row_of(action));
  return {{"vm_states", std::move(states)}, {"task_states", std::move(tasks)}, {"actions", std::move(actions)}};
}

}  // namespace kilonova::cli
