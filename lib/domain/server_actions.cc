#include "domain/server_actions.h"

#include <algorithm>
#include <array>

#include "base/check.h"

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
});

// clang-format off
constexpr auto kActions = std::to_array<ServerActionInfo>({
    {Kind::kStop, "stop", "stop", "", "Power a server off",
     {kActive, kError}, {}, Task::kPoweringOff, kStopped, UserRole::kMember, {Work::kPowerOff}},
    {Kind::kStart, "start", "start", "", "Power a server on",
     {kStopped}, {}, Task::kPoweringOn, kActive, UserRole::kMember, {Work::kPowerOn}},
    {Kind::kReboot, "reboot", "reboot", "", "Reboot a server",
     {kActive}, {}, Task::kRebooting, kActive, UserRole::kMember, {Work::kPowerOff, Work::kPowerOn}},
    {Kind::kRebootHard, "reboot-hard", "reboot", "hard", "Power cycle, without asking the guest",
     {kActive, kStopped, kPaused, kSuspended, kError},
     {Task::kRebooting, Task::kRebootingHard, Task::kResuming, Task::kUnpausing, Task::kPausing, Task::kSuspending},
     Task::kRebootingHard, kActive, UserRole::kMember, {Work::kPowerOff, Work::kPowerOn}},
    {Kind::kPause, "pause", "pause", "", "Hold a server in memory",
     {kActive}, {}, Task::kPausing, kPaused, UserRole::kMember, {Work::kPause}},
    {Kind::kUnpause, "unpause", "unpause", "", "Let a paused server go on",
     {kPaused}, {}, Task::kUnpausing, kActive, UserRole::kMember, {Work::kUnpause}},
    {Kind::kSuspend, "suspend", "suspend", "", "Hold a server on its host's disk",
     {kActive}, {}, Task::kSuspending, kSuspended, UserRole::kMember, {Work::kSuspend}},
    {Kind::kResume, "resume", "resume", "", "Let a suspended server go on",
     {kSuspended}, {}, Task::kResuming, kActive, UserRole::kMember, {Work::kResume}},
});
// clang-format on

// Rows are found by their number, and what is under way by its task.
constexpr bool are_in_order() {
  for (size_t i = 0; i < kGuestWorks.size(); ++i)
    if (static_cast<size_t>(kGuestWorks[i].work) != i) return false;
  for (size_t i = 0; i < kActions.size(); ++i) {
    if (static_cast<size_t>(kActions[i].action) != i + 1) return false;
    for (size_t j = 0; j < i; ++j)
      if (kActions[i].task == kActions[j].task || kActions[i].name == kActions[j].name) return false;
  }
  return true;
}
static_assert(are_in_order(), "a row of kActions or kGuestWorks stands in the wrong place, or has another's task or name");

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
  return find_if([&](const ServerActionInfo& info) { return info.task == under_way; });
}

const ServerActionInfo* find_action(std::string_view name) {
  return find_if([&](const ServerActionInfo& info) { return info.name == name; });
}

const GuestWorkInfo& info_of(GuestWork work) { return kGuestWorks.at(static_cast<size_t>(work)); }

PowerState power_after(const ServerActionInfo& action) {
  KN_CHECK(action.work.begin() != action.work.end(), "a host does something for every action");
  return info_of(*(action.work.end() - 1)).power;
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
