// Along which a server's row may change: every rule of the instance row as a plain function. The table of states is in
// docs/protocol.md. None of these suspends, commits or sends.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "domain/instance.h"
#include "domain/messages.h"
#include "domain/server_actions.h"

namespace kilonova::controller {

enum class Verdict {
  kApply,   // news of the current placement
  kRepeat,  // known already: answer a terminal result again, ignore progress
  kStale,   // of a placement that is over: its holder destroys what it has
};

// `row` is nullptr when the server is gone. Truth table, first match wins:
//   no row, deleting, or the epoch of no placement                      kStale
//   the placement is bound to another host                              kStale
//   progress: building and step > the placement's step                  kApply, else kRepeat
//   terminal: building                                                  kApply
//   terminal kActive of the bound host, when not building any more      kRepeat
//   any other terminal when not building                                kStale
// Building is what Instance::being_built says, also of a server that moves.
Verdict judge_report(const Instance* row, const InstanceReport& report);

// Nova's task_state while a build is between two steps.
TaskState task_state_after(LaunchStep step);

// The row after an accepted report; `row` is a copy that the caller commits.
void apply_progress(Instance& row, const InstanceReport& report, WallTime now);
void apply_active(Instance& row, const std::string& host, std::vector<Address> addresses, WallTime now);
// ERROR with a fault, unbound: Nova nulls host and node of a failed build.
void apply_error(Instance& row, std::string message, std::string details, WallTime now);
// The next try: epoch + 1, nothing bound. `counts`: the lost or failed one cost an attempt.
// `heard_epoch`, here and below: the new one goes above it as well (InstanceTable::heard_epoch).
void apply_next_try(Instance& row, bool counts, WallTime now, uint64_t heard_epoch = 0);
// ERROR with a fault, and without addresses: its guest stays where it is.
void apply_addresses_lost(Instance& row, std::string message, WallTime now);
// What an administrator says: nothing is under way. A server without a guest gets a new epoch, so that what is left
// of a try is over, and no host.
void apply_reset(Instance& row, VmState state, WallTime now, uint64_t heard_epoch = 0);
// deleting, of a new epoch: every message of the old placements is stale from the commit on.
void apply_deleting(Instance& row, WallTime now, uint64_t heard_epoch = 0);

// True while there is another host to try: Nova's max_attempts counts hosts tried in all.
bool may_reschedule(const Instance& row, uint32_t max_attempts);

// "Build of instance ... aborted: ..."
std::string lost_casts_message(const Uuid& instance, uint32_t casts);
// Nova's text.
std::string max_retries_message(const Uuid& instance);
std::string lost_guest_message(const Uuid& instance);

// The placement of this epoch that a guest may be of; null where none. One without a host that is not being built has
// no guest: its server was reset, or shelved, and a guest of its epoch is of a time that the store has lost.
const Placement* placement_with_guest(const Instance& row, uint64_t epoch);

// nova/compute/api.py check_instance_state and check_instance_host. kConflict with Nova's text.
Expected<> check_server_action(const Instance& row, const ServerActionInfo& action);
// The same of what is no action of a host. `while_busy`: whatever is under way.
Expected<> check_vm_state(const Instance& row, std::string_view method, StateSet<VmState> allowed, bool while_busy);
// One action follows another by itself.
void begin_next(Instance& row, ServerActionKind next);
// After the host said that the action under way is done, or why it is not. Where another stage follows, it is begun.
void apply_action_result(Instance& row, const ServerActionDone& done, WallTime now);

}  // namespace kilonova::controller
