// What can be asked of a server that was built: one row an action, as nova/compute/api.py and nova/compute/manager.py have
// it. The controller's checks and texts, the work of the host, the command's verbs, the simulation's clients and the keys
// of timing files all read these rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "base/time.h"
#include "domain/states.h"
#include "domain/user_role.h"

namespace kilonova {

// The numbers are sent: a new one comes last.
enum class ServerActionKind : uint8_t {
  kStop = 1,
  kStart,
  kReboot,
  kRebootHard,
  kPause,
  kUnpause,
  kSuspend,
  kResume,
  kCrashDump,
  kChangePassword,
  kRescue,
  kUnrescue,
  kRebuild,
  kRebuildDisks,
  kRebuildSpawn,
  kCreateImage,
  kSnapshot,
  kPrepareUpload,
  kUpload,
  kCreateBackup,
  kSoftDelete,
  kRestore,
  kConfirmResize,
  kRevertResize,
  kShelve,
  kShelvePrepareUpload,
  kShelveUpload,
  kShelveOffload,
  kUnshelve,
  kResize,
  kMigrate,
  kLiveMigrate,
  kEvacuate,
  kMoveOut,
  kMoveOutLive,
  kMoveIn,
  kMoveInOff,
  kMoveInPaused,
};

// What a hypervisor does to a guest that is there.
enum class GuestWork : uint8_t {
  kPowerOff,
  kPowerOn,
  kPause,
  kUnpause,
  kSuspend,
  kResume,
  kSetPassword,
  kReimage,  // new disks, of the server's image
  kSnapshot,
  kUpload,  // of what was snapshot
  kMigrateDisk,  // to the host that it moves to
  kMigrateLive,  // its memory, while it runs: here it is off then
};

struct GuestWorkInfo {
  GuestWork work;
  std::string_view name;  // "power_off": the key in timing files
  // Of the guest afterwards; a guest that is so already needs no work. Nothing for work that leaves it as it was.
  std::optional<PowerState> power;
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
  constexpr WorkList() = default;
  constexpr WorkList(std::initializer_list<GuestWork> works) {
    for (GuestWork work : works) works_[size_++] = work;
  }
  constexpr const GuestWork* begin() const { return works_; }
  constexpr const GuestWork* end() const { return works_ + size_; }

 private:
  GuestWork works_[4] = {};
  size_t size_ = 0;
};

// How far an action has come. One that moves nothing is asked for and done.
enum class ActionPhase : uint8_t {
  kAsked = 1,
  kPreparing,  // the host that it comes to is known
  kLeaving,    // the host that it leaves is at work
  kArriving,   // the host that it comes to, or goes back to, is
  kDone,
};

// Who does it.
enum class EventPlace : uint8_t { kApi, kConductor, kHost, kTarget };

// Where one action has different events with a move and without one.
enum class EventOf : uint8_t { kEither, kMove, kStay };

// nova/compute/utils.py wrap_instance_event, EventReporter: a call in the course of an action.
struct ActionEventInfo {
  std::string_view name;  // "compute_prep_resize"
  EventPlace place = EventPlace::kHost;
  ActionPhase from = ActionPhase::kAsked;  // it begins there
  ActionPhase to = ActionPhase::kDone;     // it is over there, or it is over at once where this is not after `from`
  EventOf of = EventOf::kEither;
};

// In the order in which they begin.
class ActionEventList {
 public:
  constexpr ActionEventList() = default;
  // One on the server's host, from the beginning to the end; "" = none.
  constexpr ActionEventList(const char* name)  // NOLINT(google-explicit-constructor): a row of the table reads so
      : size_(*name == '\0' ? 0 : 1) {
    events_[0] = {name};
  }
  constexpr ActionEventList(std::initializer_list<ActionEventInfo> events) {
    for (const ActionEventInfo& event : events) events_[size_++] = event;
  }
  constexpr const ActionEventInfo* begin() const { return events_; }
  constexpr const ActionEventInfo* end() const { return events_ + size_; }

 private:
  ActionEventInfo events_[6] = {};
  size_t size_ = 0;
};

// How an action comes about.
enum class ActionAsked : uint8_t {
  kPlain,     // by ServerAction, and by a verb of the command
  kWithMore,  // by an operation of its own, which says more than which server
  kNext,      // after another one; nobody asks for it
};

// An action of several stages is several rows: each is an operation of its own, with a task of its own.
struct ServerActionInfo {
  ServerActionKind action;
  std::string_view name;  // "reboot-hard": unique; the simulation's and the tests' name of it
  ActionAsked asked;
  std::string_view verb;             // "reboot": the command's verb
  std::string_view recorded;         // "reboot": Nova's instance action, and in its messages
  ActionEventList events;                  // "compute_reboot_instance": Nova's events of it
  std::string_view option;           // "hard": the option of the verb that asks for this one, "" = none
  std::string_view help;             // of the verb, or of the option
  StateSet<VmState> from;            // states in which it may begin
  StateSet<TaskState> during_tasks;  // what may be under way when it begins, besides nothing
  TaskState task;                    // while it is under way; none: it is done at once, and no host is told
  std::optional<VmState> to;         // when it is done; nothing: as it was
  UserRole role;                     // that it needs in the project
  WorkList work;                     // of the host
  std::optional<ServerActionKind> next = std::nullopt;  // begins when it is done
  bool fails_to_error = false;                          // the server goes to ERROR when its host could not do it
  bool ignores_lock = false;
  bool begins_move = false;  // to another host: what follows is of the move (domain/move.h), whose tasks are its own
};

// In the order of their numbers.
std::span<const ServerActionInfo> server_actions();
std::span<const GuestWorkInfo> guest_works();

// nullptr for a number that is no action.
const ServerActionInfo* find_action(ServerActionKind action);
// nullptr where no action is under way, or the move that is under way decides.
const ServerActionInfo* find_action(TaskState under_way);
// By name; nullptr for another.
const ServerActionInfo* find_action(std::string_view name);
// The events of what InstanceAction::action calls so; none of most that are no row.
ActionEventList events_of(std::string_view recorded);
// Whether a host is told to do it: all but the first stages of moves.
bool is_told_to_host(const ServerActionInfo& action);

const GuestWorkInfo& info_of(GuestWork work);
// Of a guest when the host has done the action; nothing: as it was.
std::optional<PowerState> power_after(const ServerActionInfo& action);
// The state that says of a server what its guest's power says: kActive for a running one.
VmState vm_state_of(PowerState power);

}  // namespace kilonova
