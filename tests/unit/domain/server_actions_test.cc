// The table of actions against Nova's (nova/compute/api.py), written down here a second time on purpose.
#include "domain/server_action_rules.h"
#include "domain/server_actions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kilonova {
namespace {

struct Vector {
  std::string name;
  std::set<std::string> from;
  std::set<std::string> during;  // besides nothing
  std::string task;
  std::string to;  // "" = as it was
  std::optional<PowerState> power;
  std::string recorded;
  std::vector<std::string> events;
  std::string next = {};
};

const std::set<std::string> kImaged{"active", "stopped", "paused", "suspended"};

// Whatever a host that is down was doing to a server that was built, and that does not move.
const std::set<std::string> kTasksOfDeadHosts{
    "powering-off", "powering-on", "rebooting", "rebooting_hard", "pausing", "unpausing", "suspending", "resuming",
    "updating_password", "rescuing", "unrescuing", "rebuilding", "rebuild_block_device_mapping", "rebuild_spawning",
    "image_snapshot_pending", "image_snapshot", "image_pending_upload", "image_uploading", "image_backup",
    "soft-deleting", "restoring", "shelving", "shelving_image_pending_upload", "shelving_image_uploading",
    "shelving_offloading"};

const std::vector<std::string> kColdMove{"conductor_migrate_server", "cold_migrate", "compute_prep_resize",
                                         "compute_resize_instance", "compute_finish_resize"};

std::vector<std::string> names_of(const ActionEventList& events) {
  std::vector<std::string> names;
  for (const ActionEventInfo& event : events) names.emplace_back(event.name);
  return names;
}

const std::vector<Vector> kVectors{
    {"stop", {"active", "error"}, {}, "powering-off", "stopped", PowerState::kShutdown, "stop",
     {"compute_stop_instance"}},
    {"start", {"stopped"}, {}, "powering-on", "active", PowerState::kRunning, "start", {"compute_start_instance"}},
    {"reboot", {"active"}, {}, "rebooting", "active", PowerState::kRunning, "reboot", {"compute_reboot_instance"}},
    {"reboot-hard",
     {"active", "stopped", "paused", "suspended", "error"},
     {"rebooting", "rebooting_hard", "resuming", "unpausing", "pausing", "suspending"},
     "rebooting_hard",
     "active",
     PowerState::kRunning,
     "reboot",
     {"compute_reboot_instance"}},
    {"pause", {"active"}, {}, "pausing", "paused", PowerState::kPaused, "pause", {"compute_pause_instance"}},
    {"unpause", {"paused"}, {}, "unpausing", "active", PowerState::kRunning, "unpause", {"compute_unpause_instance"}},
    {"suspend", {"active"}, {}, "suspending", "suspended", PowerState::kSuspended, "suspend",
     {"compute_suspend_instance"}},
    {"resume", {"suspended"}, {}, "resuming", "active", PowerState::kRunning, "resume", {"compute_resume_instance"}},
    {"crash-dump", {"active", "paused", "rescued", "resized", "error"}, {}, "", "", {}, "trigger_crash_dump",
     {"compute_trigger_crash_dump"}},
    {"change-password", {"active"}, {}, "updating_password", "", {}, "changePassword", {"compute_set_admin_password"}},
    {"rescue", {"active", "stopped", "error"}, {}, "rescuing", "rescued", PowerState::kRunning, "rescue",
     {"compute_rescue_instance"}},
    {"unrescue", {"rescued"}, {}, "unrescuing", "active", PowerState::kRunning, "unrescue",
     {"compute_unrescue_instance"}},
    {"rebuild", {"active", "stopped", "error"}, {}, "rebuilding", "", PowerState::kShutdown, "rebuild",
     {"rebuild_server", "compute_rebuild_instance"}, "rebuild-disks"},
    {"rebuild-disks", {}, {}, "rebuild_block_device_mapping", "", {}, "", {}, "rebuild-spawn"},
    {"rebuild-spawn", {}, {}, "rebuild_spawning", "active", PowerState::kRunning, "", {}},
    {"create-image", kImaged, {}, "image_snapshot_pending", "", {}, "createImage", {"compute_snapshot_instance"},
     "snapshot"},
    {"snapshot", {}, {}, "image_snapshot", "", {}, "", {}, "prepare-upload"},
    {"prepare-upload", {}, {}, "image_pending_upload", "", {}, "", {}, "upload"},
    {"upload", {}, {}, "image_uploading", "", {}, "", {}},
    {"create-backup", kImaged, {}, "image_backup", "", {}, "createBackup", {"compute_backup_instance"},
     "prepare-upload"},
    {"soft-delete", {}, {}, "soft-deleting", "soft-delete", PowerState::kShutdown, "delete",
     {"compute_soft_delete_instance"}},
    {"restore", {"soft-delete"}, {}, "restoring", "active", PowerState::kRunning, "restore",
     {"compute_restore_instance"}},
    {"confirm-resize", {"resized"}, {}, "", "", {}, "confirmResize", {"compute_confirm_resize"}},
    {"revert-resize", {"resized"}, {}, "resize_reverting", "", {}, "revertResize",
     {"compute_revert_resize", "compute_finish_revert_resize"}},
    {"shelve", kImaged, {}, "shelving", "", PowerState::kShutdown, "shelve", {"compute_shelve_instance"},
     "shelve-prepare-upload"},
    {"shelve-prepare-upload", {}, {}, "shelving_image_pending_upload", "", {}, "", {}, "shelve-upload"},
    {"shelve-upload", {}, {}, "shelving_image_uploading", "shelved", {}, "", {}},
    {"shelve-offload", {"shelved"}, {}, "shelving_offloading", "", {}, "shelveOffload",
     {"compute_shelve_offload_instance"}},
    {"unshelve", {"shelved", "shelved_offloaded"}, {}, "unshelving", "active", PowerState::kRunning, "unshelve",
     {"compute_start_instance", "get_image_info", "schedule_instances", "compute_unshelve_instance"}},
    {"resize", {"active", "stopped"}, {}, "resize_prep", "resized", {}, "resize", kColdMove},
    {"migrate", {"active", "stopped"}, {}, "resize_prep", "resized", {}, "migrate", kColdMove},
    {"live-migrate", {"active", "paused"}, {}, "migrating", "", {}, "live-migration",
     {"conductor_live_migrate_instance", "compute_check_can_live_migrate_destination",
      "compute_check_can_live_migrate_source", "compute_live_migration", "compute_pre_live_migration",
      "compute_post_live_migration_at_destination"}},
    {"evacuate", {"active", "stopped", "error"}, kTasksOfDeadHosts, "rebuilding", "", {}, "evacuate",
     {"rebuild_server", "compute_rebuild_instance"}},
    {"move-out", {}, {}, "", "", PowerState::kShutdown, "", {}},
    {"move-out-live", {}, {}, "", "", PowerState::kShutdown, "", {}},
    {"move-in", {}, {}, "", "", PowerState::kRunning, "", {}},
    {"move-in-off", {}, {}, "", "", PowerState::kShutdown, "", {}},
    {"move-in-paused", {}, {}, "", "", PowerState::kPaused, "", {}},
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
    EXPECT_EQ(info->to ? to_string(*info->to) : "", expected.to);
    EXPECT_EQ(power_after(*info), expected.power);
    if (!info->begins_move) EXPECT_EQ(find_action(info->task), info->task == TaskState::kNone ? nullptr : info);
    EXPECT_EQ(info->recorded, expected.recorded);
    EXPECT_EQ(names_of(info->events), expected.events);
    EXPECT_EQ(names_of(events_of(info->recorded)), expected.events);
    EXPECT_EQ(info->next ? find_action(*info->next)->name : "", expected.next);
    const bool is_asked_for = info->asked != ActionAsked::kNext || info->action == ServerActionKind::kSoftDelete;
    EXPECT_EQ(info->recorded.empty(), !is_asked_for) << "what is asked for is recorded";
    EXPECT_EQ(find_action(info->action), info);
  }
}

TEST(ServerActions, EndWhereNovasEnd) {
  using enum VmState;
  const auto end = [](std::string_view action, VmState from) { return state_after(*find_action(action), from); };
  EXPECT_EQ(end("stop", kError), kStopped);
  EXPECT_EQ(end("rebuild", kError), kActive);
  EXPECT_EQ(end("rebuild", kStopped), kStopped) << "what was stopped is stopped again";
  EXPECT_EQ(end("evacuate", kStopped), kStopped);
  EXPECT_EQ(end("evacuate", kError), kActive);
  EXPECT_EQ(end("live-migrate", kPaused), kPaused);
  EXPECT_EQ(end("confirm-resize", kResized), kActive);
  EXPECT_EQ(end("shelve", kSuspended), kShelved);
  EXPECT_EQ(end("shelve-offload", kShelved), kShelvedOffloaded);
  EXPECT_EQ(end("create-backup", kPaused), kPaused);
}

TEST(ServerActions, EventsOfWhatIsNoRow) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(names_of(events_of("create")), Names{{"compute__do_build_and_run_instance"}});
  EXPECT_EQ(names_of(events_of("lock")), Names{"api_lock"});
  EXPECT_EQ(names_of(events_of("resetState")), Names{});
  EXPECT_EQ(names_of(events_of("")), Names{});
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
  EXPECT_EQ(status_name(VmState::kActive, TaskState::kUpdatingPassword), "PASSWORD");
  EXPECT_EQ(status_name(VmState::kStopped, TaskState::kRebuildSpawning), "REBUILD");
  EXPECT_EQ(status_name(VmState::kActive, TaskState::kImageUploading), "ACTIVE");
  EXPECT_EQ(status_name(VmState::kRescued, TaskState::kNone), "RESCUE");
  EXPECT_TRUE(has_guest(VmState::kError, "h1"));
  EXPECT_FALSE(has_guest(VmState::kError, ""));
  EXPECT_FALSE(has_guest(VmState::kBuilding, "h1"));
  EXPECT_FALSE(is_to_be_stopped(VmState::kRescued, PowerState::kShutdown)) << "Nova writes it down";
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
