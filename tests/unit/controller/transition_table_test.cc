// Every action in every vm_state and every task_state, against Nova's decorators (nova/compute/api.py check_instance_state),
// written down here a second time on purpose: which pairs let an action begin, and the words of the refusal of all others.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "controller/core/transitions.h"
#include "domain/server_actions.h"
#include "domain/states.h"

namespace kilonova::controller {
namespace {

using enum VmState;
using Task = TaskState;

struct Allowed {
  std::set<VmState> in;
  std::set<Task> during = {};    // besides nothing
  bool any_task = false;         // whatever is under way, but a delete and what is of a build or a move
  std::string_view method = {};  // of nova/api/openstack/compute, where it is not the recorded action
};

const std::map<std::string, Allowed>& nova() {
  const std::set<VmState> imaged{kActive, kStopped, kPaused, kSuspended};
  static const std::map<std::string, Allowed> kNova{
      {"stop", {{kActive, kError}}},
      {"start", {{kStopped}}},
      {"reboot", {{kActive}}},
      {"reboot-hard",
       {{kActive, kStopped, kPaused, kSuspended, kError},
        {Task::kRebooting, Task::kRebootingHard, Task::kResuming, Task::kUnpausing, Task::kPausing,
         Task::kSuspending}}},
      {"pause", {{kActive}}},
      {"unpause", {{kPaused}}},
      {"suspend", {{kActive}}},
      {"resume", {{kSuspended}}},
      {"crash-dump", {{kActive, kPaused, kRescued, kResized, kError}}},
      {"change-password", {{kActive}}},
      {"rescue", {{kActive, kStopped, kError}}},
      {"unrescue", {{kRescued}}},
      {"rebuild", {{kActive, kStopped, kError}}},
      {"create-image", {imaged}},
      {"create-backup", {imaged}},
      {"restore", {{kSoftDelete}}},
      {"confirm-resize", {{kResized}}},
      {"revert-resize", {{kResized}}},
      {"shelve", {imaged}},
      {"shelve-offload", {{kShelved}}},
      {"unshelve", {{kShelved, kShelvedOffloaded}}},
      {"resize", {{kActive, kStopped}}},
      {"migrate", {{kActive, kStopped}}},
      {"live-migrate", {{kActive, kPaused}, {}, false, "os-migrateLive"}},
      {"evacuate", {{kActive, kStopped, kError}, {}, true}},
  };
  return kNova;
}

// Of a server that is being built, moves or is deleted nothing is done meanwhile.
bool is_of_host(Task task) {
  static const std::set<Task> kOthers{Task::kScheduling,      Task::kNetworking,       Task::kBlockDeviceMapping,
                                      Task::kSpawning,        Task::kDeleting,         Task::kResizePrep,
                                      Task::kResizeMigrating, Task::kResizeMigrated,   Task::kResizeFinish,
                                      Task::kResizeReverting, Task::kResizeConfirming, Task::kMigrating,
                                      Task::kUnshelving};
  return !kOthers.contains(task);
}

bool may_begin(const Allowed& allowed, VmState state, Task task) {
  if (!allowed.in.contains(state)) return false;
  return task == Task::kNone || allowed.during.contains(task) || (allowed.any_task && is_of_host(task));
}

TEST(TransitionTable, EveryActionInEveryState) {
  size_t asked = 0;
  for (const ServerActionInfo& action : server_actions()) {
    if (action.asked == ActionAsked::kNext) continue;
    ++asked;
    auto allowed = nova().find(std::string(action.name));
    ASSERT_NE(allowed, nova().end()) << action.name << " is an action without its row";
    for (const VmStateInfo& state : vm_states()) {
      for (const TaskStateInfo& task : task_states()) {
        SCOPED_TRACE(fmt::format("{} in {}/{}", action.name, state.name, task.name));
        Instance row;
        row.vm_state = state.state;
        row.task_state = task.task;
        row.current.host = "h1";
        row.launched_at = WallTime{1};
        auto checked = check_server_action(row, action);
        ASSERT_EQ(checked.has_value(), may_begin(allowed->second, state.state, task.task));
        if (checked) continue;
        EXPECT_EQ(checked.error().code, ErrorCode::kConflict);
        const std::string_view said = allowed->second.method.empty() ? action.recorded : allowed->second.method;
        const bool wrong_state = !allowed->second.in.contains(state.state);
        EXPECT_EQ(checked.error().message,
                  fmt::format("Cannot '{}' instance {} while it is in {} {}", said, to_string(row.uuid),
                              wrong_state ? "vm_state" : "task_state", wrong_state ? state.name : task.name));
      }
    }
  }
  EXPECT_EQ(asked, nova().size()) << "a row without its action";
}

// nova/compute/api.py: the order of the decorators check_instance_host and check_instance_state.
TEST(TransitionTable, WhatHasNoHostIsNotReady) {
  const std::set<std::string_view> asks_first{"stop", "start", "crash-dump"};
  Instance row;
  row.launched_at = WallTime{1};
  for (const ServerActionInfo& action : server_actions()) {
    if (action.asked == ActionAsked::kNext) continue;
    SCOPED_TRACE(action.name);
    row.vm_state = kBuilding;
    row.task_state = Task::kScheduling;
    const std::string not_ready = fmt::format("Instance {} is not ready", to_string(row.uuid));
    EXPECT_EQ(check_server_action(row, action).error().message == not_ready, asks_first.contains(action.name));
    row.vm_state = kError;
    row.task_state = Task::kNone;
    EXPECT_EQ(check_server_action(row, action).error().message == not_ready,
              action.from.contains(kError) || asks_first.contains(action.name));
    row.vm_state = kShelvedOffloaded;
    EXPECT_EQ(check_server_action(row, action).has_value(), action.name == "unshelve");
  }
}

// must_have_launched of check_instance_state, for which there are no words of its own.
TEST(TransitionTable, WhatWasNeverLaunchedIsInNoStateForAnything) {
  Instance row;
  row.vm_state = kError;
  row.task_state = Task::kNone;
  EXPECT_EQ(check_server_action(row, *find_action("rebuild")).error().message,
            fmt::format("Instance {} is in an invalid state for 'rebuild'", to_string(row.uuid)));
  EXPECT_EQ(check_server_action(row, *find_action("stop")).error().message,
            fmt::format("Instance {} is not ready", to_string(row.uuid)));
  EXPECT_EQ(check_server_action(row, *find_action("pause")).error().message,
            fmt::format("Cannot 'pause' instance {} while it is in vm_state error", to_string(row.uuid)));
}

}  // namespace
}  // namespace kilonova::controller
