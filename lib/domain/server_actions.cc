#include "domain/server_actions.h"

#include <algorithm>
#include <array>

namespace kilonova {
namespace {

using enum VmState;
using Kind = ServerActionKind;
using Task = TaskState;
using Work = GuestWork;

// Durations are assumed; power_off is a guest that obeys, Nova would wait for 60 s.
constexpr auto kGuestWorks = std::to_array<GuestWorkInfo>({
    {Work::kPowerOff, "power_off", PowerState::kShutdown, milliseconds(4000), 60},
    {Work::kPowerOn, "power_on", PowerState::kRunning, milliseconds(2000), 40},
    {Work::kPause, "pause", PowerState::kPaused, milliseconds(50), 40},
    {Work::kUnpause, "unpause", PowerState::kRunning, milliseconds(50), 40},
    {Work::kSuspend, "suspend", PowerState::kSuspended, milliseconds(3000), 50},
    {Work::kResume, "resume", PowerState::kRunning, milliseconds(2000), 50},
    {Work::kSetPassword, "set_password", std::nullopt, milliseconds(400), 50},
    {Work::kReimage, "reimage", std::nullopt, milliseconds(1500), 40},
    {Work::kSnapshot, "snapshot", std::nullopt, milliseconds(3000), 60},
    {Work::kUpload, "upload", std::nullopt, milliseconds(500), 40},
    {Work::kMigrateDisk, "migrate_disk", std::nullopt, milliseconds(2000), 60},
    {Work::kMigrateLive, "migrate_live", PowerState::kShutdown, milliseconds(5000), 60},
});

using enum ActionAsked;
constexpr UserRole kMember = UserRole::kMember;
// Of a server whose host is down nothing that is under way goes on.
constexpr StateSet<TaskState> kAnyTask{
    Task::kPoweringOff,          Task::kPoweringOn,        Task::kRebooting,      Task::kRebootingHard,
    Task::kPausing,              Task::kUnpausing,         Task::kSuspending,     Task::kResuming,
    Task::kUpdatingPassword,     Task::kRescuing,          Task::kUnrescuing,     Task::kRebuilding,
    Task::kRebuildBlockDeviceMapping, Task::kRebuildSpawning, Task::kImageSnapshotPending, Task::kImageSnapshot,
    Task::kImagePendingUpload,   Task::kImageUploading,    Task::kImageBackup,    Task::kSoftDeleting,
    Task::kRestoring,            Task::kShelving,          Task::kShelvingImagePendingUpload,
    Task::kShelvingImageUploading, Task::kShelvingOffloading};

using enum ActionPhase;
using Place = EventPlace;

// nova/conductor/manager.py and nova/compute/manager.py, in the order in which they are called.
constexpr ActionEventList kColdMove{{"conductor_migrate_server", Place::kConductor, kAsked, kPreparing},
                                    {"cold_migrate", Place::kConductor, kAsked, kPreparing},
                                    {"compute_prep_resize", Place::kTarget, kPreparing, kLeaving},
                                    {"compute_resize_instance", Place::kHost, kLeaving, kArriving},
                                    {"compute_finish_resize", Place::kTarget, kArriving, kDone}};
constexpr ActionEventList kLiveMove{
    {"conductor_live_migrate_instance", Place::kConductor, kAsked, kPreparing},
    {"compute_check_can_live_migrate_destination", Place::kTarget, kPreparing, kPreparing},
    {"compute_check_can_live_migrate_source", Place::kHost, kPreparing, kPreparing},
    {"compute_live_migration", Place::kHost, kPreparing, kArriving},
    {"compute_pre_live_migration", Place::kTarget, kPreparing, kLeaving},
    {"compute_post_live_migration_at_destination", Place::kTarget, kArriving, kDone}};
constexpr ActionEventList kRevert{{"compute_revert_resize", Place::kTarget, kAsked, kArriving},
                                  {"compute_finish_revert_resize", Place::kHost, kArriving, kDone}};
constexpr ActionEventList kRebuildInPlace{{"rebuild_server", Place::kConductor, kAsked, kAsked},
                                          {"compute_rebuild_instance"}};
constexpr ActionEventList kRebuildElsewhere{{"rebuild_server", Place::kConductor, kAsked, kPreparing},
                                            {"compute_rebuild_instance", Place::kTarget, kPreparing, kDone}};
// Of one that was not offloaded the guest is only started.
constexpr ActionEventList kUnshelve{{"compute_start_instance", Place::kHost, kAsked, kDone, EventOf::kStay},
                                    {"get_image_info", Place::kConductor, kAsked, kAsked, EventOf::kMove},
                                    {"schedule_instances", Place::kConductor, kAsked, kPreparing, EventOf::kMove},
                                    {"compute_unshelve_instance", Place::kTarget, kPreparing, kDone, EventOf::kMove}};

// clang-format off
constexpr auto kActions = std::to_array<ServerActionInfo>({
    {Kind::kStop, "stop", kPlain, "stop", "stop", "compute_stop_instance", "", "Power a server off",
     {kActive, kError}, {}, Task::kPoweringOff, kStopped, kMember, {Work::kPowerOff}},
    {Kind::kStart, "start", kPlain, "start", "start", "compute_start_instance", "", "Power a server on",
     {kStopped}, {}, Task::kPoweringOn, kActive, kMember, {Work::kPowerOn}},
    {Kind::kReboot, "reboot", kPlain, "reboot", "reboot", "compute_reboot_instance", "", "Reboot a server",
     {kActive}, {}, Task::kRebooting, kActive, kMember, {Work::kPowerOff, Work::kPowerOn}},
    {Kind::kRebootHard, "reboot-hard", kPlain, "reboot", "reboot", "compute_reboot_instance", "hard",
     "Power cycle, without asking the guest",
     {kActive, kStopped, kPaused, kSuspended, kError},
     {Task::kRebooting, Task::kRebootingHard, Task::kResuming, Task::kUnpausing, Task::kPausing, Task::kSuspending},
     Task::kRebootingHard, kActive, kMember, {Work::kPowerOff, Work::kPowerOn}},
    {Kind::kPause, "pause", kPlain, "pause", "pause", "compute_pause_instance", "", "Hold a server in memory",
     {kActive}, {}, Task::kPausing, kPaused, kMember, {Work::kPause}},
    {Kind::kUnpause, "unpause", kPlain, "unpause", "unpause", "compute_unpause_instance", "",
     "Let a paused server go on", {kPaused}, {}, Task::kUnpausing, kActive, kMember, {Work::kUnpause}},
    {Kind::kSuspend, "suspend", kPlain, "suspend", "suspend", "compute_suspend_instance", "",
     "Hold a server on its host's disk", {kActive}, {}, Task::kSuspending, kSuspended, kMember, {Work::kSuspend}},
    {Kind::kResume, "resume", kPlain, "resume", "resume", "compute_resume_instance", "",
     "Let a suspended server go on", {kSuspended}, {}, Task::kResuming, kActive, kMember, {Work::kResume}},
    // Of a simulated guest a crash dump leaves nothing to see but its record.
    {Kind::kCrashDump, "crash-dump", kPlain, "", "trigger_crash_dump", "compute_trigger_crash_dump", "", "",
     {kActive, kPaused, kRescued, kResized, kError}, {}, Task::kNone, std::nullopt, kMember, {}},
    {Kind::kChangePassword, "change-password", kWithMore, "", "changePassword", "compute_set_admin_password", "", "",
     {kActive}, {}, Task::kUpdatingPassword, std::nullopt, kMember, {Work::kSetPassword}},
    {Kind::kRescue, "rescue", kWithMore, "", "rescue", "compute_rescue_instance", "", "",
     {kActive, kStopped, kError}, {}, Task::kRescuing, kRescued, kMember, {Work::kPowerOff, Work::kPowerOn}, {}, true},
    {Kind::kUnrescue, "unrescue", kPlain, "unrescue", "unrescue", "compute_unrescue_instance", "",
     "Boot a rescued server from its own disk again",
     {kRescued}, {}, Task::kUnrescuing, kActive, kMember, {Work::kPowerOff, Work::kPowerOn}, {}, true},
    {Kind::kRebuild, "rebuild", kWithMore, "", "rebuild", kRebuildInPlace, "", "",
     {kActive, kStopped, kError}, {}, Task::kRebuilding, std::nullopt, kMember, {Work::kPowerOff},
     Kind::kRebuildDisks, true},
    {Kind::kRebuildDisks, "rebuild-disks", kNext, "", "", "", "", "",
     {}, {}, Task::kRebuildBlockDeviceMapping, std::nullopt, kMember, {Work::kReimage}, Kind::kRebuildSpawn, true},
    {Kind::kRebuildSpawn, "rebuild-spawn", kNext, "", "", "", "", "",
     {}, {}, Task::kRebuildSpawning, kActive, kMember, {Work::kPowerOn}, {}, true},
    {Kind::kCreateImage, "create-image", kWithMore, "", "createImage", "compute_snapshot_instance", "", "",
     {kActive, kStopped, kPaused, kSuspended}, {}, Task::kImageSnapshotPending, std::nullopt, kMember, {},
     Kind::kSnapshot, false, true},
    {Kind::kSnapshot, "snapshot", kNext, "", "", "", "", "",
     {}, {}, Task::kImageSnapshot, std::nullopt, kMember, {Work::kSnapshot}, Kind::kPrepareUpload},
    {Kind::kPrepareUpload, "prepare-upload", kNext, "", "", "", "", "",
     {}, {}, Task::kImagePendingUpload, std::nullopt, kMember, {}, Kind::kUpload},
    {Kind::kUpload, "upload", kNext, "", "", "", "", "",
     {}, {}, Task::kImageUploading, std::nullopt, kMember, {Work::kUpload}},
    {Kind::kCreateBackup, "create-backup", kWithMore, "", "createBackup", "compute_backup_instance", "", "",
     {kActive, kStopped, kPaused, kSuspended}, {}, Task::kImageBackup, std::nullopt, kMember, {Work::kSnapshot},
     Kind::kPrepareUpload, false, true},
    {Kind::kSoftDelete, "soft-delete", kNext, "", "delete", "compute_soft_delete_instance", "", "",
     {}, {}, Task::kSoftDeleting, kSoftDelete, kMember, {Work::kPowerOff}},
    {Kind::kRestore, "restore", kPlain, "restore", "restore", "compute_restore_instance", "",
     "Bring a deleted server back, where the cloud keeps it for a while",
     {kSoftDelete}, {}, Task::kRestoring, kActive, kMember, {Work::kPowerOn}},
    // Of a resized server; the hosts destroy what is not wanted any more, as for a delete.
    {Kind::kConfirmResize, "confirm-resize", kPlain, "", "confirmResize", "compute_confirm_resize", "", "",
     {kResized}, {}, Task::kNone, std::nullopt, kMember, {}, {}, false, false, true},
    {Kind::kRevertResize, "revert-resize", kPlain, "", "revertResize", kRevert, "", "",
     {kResized}, {}, Task::kResizeReverting, std::nullopt, kMember, {}, {}, false, false, true},
    {Kind::kShelve, "shelve", kPlain, "shelve", "shelve", "compute_shelve_instance", "",
     "Keep a server as an image, and take nothing of a host",
     {kActive, kStopped, kPaused, kSuspended}, {}, Task::kShelving, std::nullopt, kMember,
     {Work::kPowerOff, Work::kSnapshot}, Kind::kShelvePrepareUpload},
    {Kind::kShelvePrepareUpload, "shelve-prepare-upload", kNext, "", "", "", "", "",
     {}, {}, Task::kShelvingImagePendingUpload, std::nullopt, kMember, {}, Kind::kShelveUpload},
    {Kind::kShelveUpload, "shelve-upload", kNext, "", "", "", "", "",
     {}, {}, Task::kShelvingImageUploading, kShelved, kMember, {Work::kUpload}},
    {Kind::kShelveOffload, "shelve-offload", kPlain, "shelve", "shelveOffload", "compute_shelve_offload_instance",
     "offload", "Only take a shelved server off its host", {kShelved}, {}, Task::kShelvingOffloading, std::nullopt,
     UserRole::kAdmin, {}},
    {Kind::kUnshelve, "unshelve", kWithMore, "", "unshelve", kUnshelve, "", "",
     {kShelved, kShelvedOffloaded}, {}, Task::kUnshelving, kActive, kMember, {Work::kPowerOn}},
    {Kind::kResize, "resize", kWithMore, "", "resize", kColdMove, "", "",
     {kActive, kStopped}, {}, Task::kResizePrep, kResized, kMember, {}, {}, false, false, true},
    {Kind::kMigrate, "migrate", kWithMore, "", "migrate", kColdMove, "", "",
     {kActive, kStopped}, {}, Task::kResizePrep, kResized, UserRole::kAdmin, {}, {}, false, false, true},
    {Kind::kLiveMigrate, "live-migrate", kWithMore, "", "live-migration", kLiveMove, "", "",
     {kActive, kPaused}, {}, Task::kMigrating, std::nullopt, UserRole::kAdmin, {}, {}, false, false, true},
    {Kind::kEvacuate, "evacuate", kWithMore, "", "evacuate", kRebuildElsewhere, "", "",
     {kActive, kStopped, kError}, kAnyTask, Task::kRebuilding, std::nullopt, UserRole::kAdmin, {}, {}, false, true,
     true},
    // What the host that a server leaves does, and the one that it comes to, or goes back to.
    {Kind::kMoveOut, "move-out", kNext, "", "", "", "", "",
     {}, {}, Task::kNone, std::nullopt, kMember, {Work::kPowerOff, Work::kMigrateDisk}},
    {Kind::kMoveOutLive, "move-out-live", kNext, "", "", "", "", "",
     {}, {}, Task::kNone, std::nullopt, kMember, {Work::kMigrateLive}},
    {Kind::kMoveIn, "move-in", kNext, "", "", "", "", "",
     {}, {}, Task::kNone, std::nullopt, kMember, {Work::kPowerOn}},
    {Kind::kMoveInOff, "move-in-off", kNext, "", "", "", "", "",
     {}, {}, Task::kNone, std::nullopt, kMember, {Work::kPowerOff}},
    {Kind::kMoveInPaused, "move-in-paused", kNext, "", "", "", "", "",
     {}, {}, Task::kNone, std::nullopt, kMember, {Work::kPowerOn, Work::kPause}},
});
// clang-format on

// Rows are found by their number, and what is under way by its task.
constexpr bool are_in_order() {
  for (size_t i = 0; i < kGuestWorks.size(); ++i)
    if (static_cast<size_t>(kGuestWorks[i].work) != i) return false;
  for (size_t i = 0; i < kActions.size(); ++i) {
    if (static_cast<size_t>(kActions[i].action) != i + 1) return false;
    for (size_t j = 0; j < i; ++j) {
      if (kActions[i].name == kActions[j].name) return false;
      const bool own_tasks = !kActions[i].begins_move && !kActions[j].begins_move;
      if (own_tasks && kActions[i].task == kActions[j].task && kActions[i].task != Task::kNone) return false;
    }
  }
  return true;
}
static_assert(are_in_order(),
              "a row of kActions or kGuestWorks stands in the wrong place, or has another's task or name");

template <class Is>
const ServerActionInfo* find_if(Is is) {
  auto it = std::ranges::find_if(kActions, is);
  return it == kActions.end() ? nullptr : &*it;
}

}  // namespace

std::span<const ServerActionInfo> server_actions() { return kActions; }
std::span<const GuestWorkInfo> guest_works() { return kGuestWorks; }

const ServerActionInfo* find_action(ServerActionKind action) {
  return find_if([&](const ServerActionInfo& info) { return info.action == action; });
}

const ServerActionInfo* find_action(TaskState under_way) {
  if (under_way == TaskState::kNone) return nullptr;
  return find_if([&](const ServerActionInfo& info) { return info.task == under_way && !info.begins_move; });
}

const ServerActionInfo* find_action(std::string_view name) {
  return find_if([&](const ServerActionInfo& info) { return info.name == name; });
}

ActionEventList events_of(std::string_view recorded) {
  // Those that are no row.
  if (recorded == "create") return "compute__do_build_and_run_instance";
  if (recorded == "lock") return {{"api_lock", EventPlace::kApi}};
  if (recorded == "unlock") return {{"api_unlock", EventPlace::kApi}};
  if (recorded == "attach_interface") return "compute_attach_interface";
  if (recorded == "detach_interface") return "compute_detach_interface";
  const ServerActionInfo* info = find_if([&](const ServerActionInfo& row) { return row.recorded == recorded; });
  return info && !recorded.empty() ? info->events : ActionEventList();
}

bool is_told_to_host(const ServerActionInfo& action) {
  return action.task != TaskState::kNone || action.action == ServerActionKind::kCrashDump;
}

const GuestWorkInfo& info_of(GuestWork work) { return kGuestWorks.at(static_cast<size_t>(work)); }

std::optional<PowerState> power_after(const ServerActionInfo& action) {
  std::optional<PowerState> power;
  for (GuestWork work : action.work)
    if (info_of(work).power) power = info_of(work).power;
  return power;
}

VmState vm_state_of(PowerState power) {
  switch (power) {
    case PowerState::kRunning: return kActive;
    case PowerState::kPaused: return kPaused;
    case PowerState::kSuspended: return kSuspended;
    case PowerState::kNoState:
    case PowerState::kShutdown:
    case PowerState::kCrashed: return kStopped;
  }
  return kStopped;
}

}  // namespace kilonova
