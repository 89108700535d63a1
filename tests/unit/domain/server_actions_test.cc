// The table of actions against Nova's (nova/compute/api.py), written down here a second time on purpose.
#include "domain/server_actions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace kilonova {
namespace {

struct Vector {
  std::string name;
  std::set<std::string> from;
  std::set<std::string> during;  // besides nothing
  std::string task, to;
  PowerState power;
};

const std::vector<Vector> kVectors{
    {"stop", {"active", "error"}, {}, "powering-off", "stopped", PowerState::kShutdown},
    {"start", {"stopped"}, {}, "powering-on", "active", PowerState::kRunning},
    {"reboot", {"active"}, {}, "rebooting", "active", PowerState::kRunning},
    {"reboot-hard",
     {"active", "stopped", "paused", "suspended", "error"},
     {"rebooting", "rebooting_hard", "resuming", "unpausing", "pausing", "suspending"},
     "rebooting_hard",
     "active",
     PowerState::kRunning},
    {"pause", {"active"}, {}, "pausing", "paused", PowerState::kPaused},
    {"unpause", {"paused"}, {}, "unpausing", "active", PowerState::kRunning},
    {"suspend", {"active"}, {}, "suspending", "suspended", PowerState::kSuspended},
    {"resume", {"suspended"}, {}, "resuming", "active", PowerState::kRunning},
};

TEST(ServerActions, AreNovas) {
  ASSERT_EQ(kVectors.size(), server_actions().size()) << "an action without its vector";
  for (const Vector& expected : kVectors) {
    SCOPED_TRACE(expected.name);
    const ServerActionInfo* info = find_action(expected.name);
    ASSERT_NE(info, nullptr);
    std::set<std::string> from, during;
    for (const VmStateInfo& state : vm_states())
      if (info->from.contains(state.state)) from.emplace(state.name);
    for (const TaskStateInfo& task : task_states())
      if (info->during_tasks.contains(task.task)) during.emplace(task.name);
    EXPECT_EQ(from, expected.from);
    EXPECT_EQ(during, expected.during);
    EXPECT_EQ(to_string(info->task), expected.task);
    EXPECT_EQ(to_string(info->to), expected.to);
    EXPECT_EQ(power_after(*info), expected.power);
    EXPECT_EQ(vm_state_of(power_after(*info)), info->to);
    EXPECT_EQ(find_action(info->task), info);
    EXPECT_EQ(find_action(info->action), info);
  }
}

TEST(ServerActions, WhatIsNoneIsNotFound) {
  EXPECT_EQ(find_action(static_cast<ServerActionKind>(0)), nullptr);
  EXPECT_EQ(find_action(static_cast<ServerActionKind>(255)), nullptr);
  EXPECT_EQ(find_action(TaskState::kNone), nullptr);
  EXPECT_EQ(find_action(TaskState::kSpawning), nullptr);
  EXPECT_EQ(find_action("fly"), nullptr);
}

TEST(States, HaveNovasNamesAndStatuses) {
  EXPECT_EQ(to_string(VmState::kSoftDelete), "soft-delete");
  EXPECT_EQ(status_name(VmState::kActive, TaskState::kNone), "ACTIVE");
  EXPECT_EQ(status_name(VmState::kActive, TaskState::kRebooting), "REBOOT");
  EXPECT_EQ(status_name(VmState::kActive, TaskState::kRebootingHard), "HARD_REBOOT");
  EXPECT_EQ(status_name(VmState::kStopped, TaskState::kRebootingHard), "SHUTOFF");
  EXPECT_EQ(status_name(VmState::kActive, TaskState::kDeleting), "ACTIVE") << "a delete keeps the old status";
  EXPECT_EQ(status_name(VmState::kResized, TaskState::kNone), "VERIFY_RESIZE");
  EXPECT_EQ(status_name(static_cast<VmState>(77), TaskState::kNone), "UNKNOWN");
  EXPECT_EQ(find_status("hard_Reboot"), "HARD_REBOOT");
  EXPECT_EQ(find_status("SLEEPING"), std::nullopt);
  EXPECT_FALSE(is_known(static_cast<VmState>(0)));
  EXPECT_FALSE(is_known(static_cast<VmState>(vm_states().size() + 1)));
  EXPECT_FALSE(is_known(static_cast<TaskState>(task_states().size())));
  EXPECT_FALSE(is_known(static_cast<PowerState>(2)));
  EXPECT_THAT(known_statuses(), testing::HasSubstr("ACTIVE, BUILD"));
}

}  // namespace
}  // namespace kilonova
