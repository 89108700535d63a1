// What can be asked of a server that was built: one row an action, as nova/compute/api.py and nova/compute/manager.py have
// it. The controller's checks and texts, the work of the host, the command's verbs, the simulation's clients and the keys
// of timing files all read these rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "base/time.h"
#include "domain/states.h"
#include "domain/user_role.h"

namespace kilonova {

// The numbers are sent: a new one comes last.
enum class ServerActionKind : uint8_t { kStop = 1, kStart, kReboot, kRebootHard, kPause, kUnpause, kSuspend, kResume };

// What a hypervisor does to a guest that is there.
enum class GuestWork : uint8_t { kPowerOff, kPowerOn, kPause, kUnpause, kSuspend, kResume };

struct GuestWorkInfo {
  GuestWork work;
  std::string_view name;    // "power_off": the key in timing files
  PowerState power;         // of the guest afterwards; a guest that is so already needs no work
  Duration realistic;       // how long it takes, by the preset `realistic`
  uint32_t spread_percent;  // as TimingDistribution has it
};

// States as a set.
template <class State>
class StateSet {
 public:
  constexpr StateSet(std::initializer_list<State> states) {
    for (State state : states) bits_ |= uint64_t{1} << static_cast<unsigned>(state);
  }
  constexpr bool contains(State state) const { return bits_ >> static_cast<unsigned>(state) & 1; }

 private:
  uint64_t bits_ = 0;
};

// What a host does for an action, in this order.
class WorkList {
 public:
  constexpr WorkList(std::initializer_list<GuestWork> works) {
    for (GuestWork work : works) works_[size_++] = work;
  }
  constexpr const GuestWork* begin() const { return works_; }
  constexpr const GuestWork* end() const { return works_ + size_; }

 private:
  GuestWork works_[4] = {};
  size_t size_ = 0;
};

struct ServerActionInfo {
  ServerActionKind action;
  std::string_view name;       // "reboot-hard": unique; the simulation's and the tests' name of it
  std::string_view verb;       // "reboot": the command's verb, Nova's instance action, and in its messages
  std::string_view option;     // "hard": the option of the verb that asks for this one, "" = none
  std::string_view help;       // of the verb, or of the option
  StateSet<VmState> from;      // states in which it may begin
  StateSet<TaskState> during_tasks;  // what may be under way when it begins, besides nothing
  TaskState task;              // while it is under way
  VmState to;                  // when it is done
  UserRole role;               // that it needs in the project
  WorkList work;               // of the host
};

// In the order of their numbers.
std::span<const ServerActionInfo> server_actions();
std::span<const GuestWorkInfo> guest_works();

// nullptr for a number that is no action.
const ServerActionInfo* find_action(ServerActionKind action);
// nullptr where no action is under way.
const ServerActionInfo* find_action(TaskState under_way);
// By name; nullptr for another.
const ServerActionInfo* find_action(std::string_view name);

const GuestWorkInfo& info_of(GuestWork work);
// Of a guest when the host has done the action.
PowerState power_after(const ServerActionInfo& action);
// The state that says of a server what its guest's power says: kActive for a running one.
VmState vm_state_of(PowerState power);

}  // namespace kilonova
