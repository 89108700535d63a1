// Actions that a server's host carries out (domain/server_actions.h): operations within an epoch, as nova/compute/api.py has
// them. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "controller/core/controller_world.h"
#include "controller/core/move_stages.h"
#include "controller/core/terminations.h"
#include "domain/messages.h"
#include "domain/nouns/server.h"
#include "domain/nouns/server_request.h"
#include "domain/operation.h"
#include "domain/server_actions.h"

namespace kilonova::controller {

class HostActionFlow {
 public:
  HostActionFlow(ControllerWorld& world, MoveStages& stages, Terminations& terminations)
      : world_(world), stages_(stages), terminations_(terminations) {}

  // Answered once the task state is committed (Nova: 202). kConflict when the state forbids it, kQuotaExceeded for a server
  // that is restored and that the quota has no room for.
  Task<Expected<Empty>> plain(ServerActionKind kind, std::string server, RequestContext context);
  Task<Expected<Empty>> handle(ChangeServerPassword request, RequestContext context);
  // kInvalidArgument for an image that is not there.
  Task<Expected<Empty>> handle(RescueServer request, RequestContext context);

  // The server, as long as the lock is held and nothing is awaited, once it is known that this action may begin on it.
  struct Held {
    KeyedLock<Uuid>::Guard lock;
    const Instance* row = nullptr;
  };
  // kNotFound, or kConflict with Nova's text.
  Task<Expected<Held>> hold(std::string server, const ServerActionInfo& action, const RequestContext& context);
  // Commits the action with whatever else belongs to it, and tells the host; the caller holds the server's lock.
  // `next`: the row as it is, or with what the action changes at once. `apply`: brings `more` into memory, once it is
  // committed. kUnavailable, and nothing changed.
  Task<Expected<Empty>> begin(Instance next, const ServerActionInfo& action, RequestContext context,
                              Transaction more = {}, std::function<void()> apply = {});

  Task<> on_done(Peer from, ServerActionDone done);
  // A host has forgotten a server that was to leave it. True when this was what it waited for.
  Task<bool> on_terminated(const InstanceTerminated& message);
  // A host says in which power state the guest of this placement is, and its server's row says another: Nova's
  // sync_power_state (nova/compute/manager.py, _sync_instance_power_state). A server that should run and is off, or that
  // is stopped and is not off, is stopped as by its user. Else the host's word is written down, and one that is paused where
  // it should run, or the other way round, is left alone. What runs on the host that a resized server has left is
  // stopped there. To be called when the word comes: answers to actions came before it or come after it.
  void hear_power(GuestInfo guest);
  // As hear_power, of the power state that the server's row has: its state is another one now.
  Task<> look_at_power(Uuid instance);
  // The process that carries these hosts connected again or has been silent: tells it again.
  void resend();
  // Regularly: tells again whoever has not answered for report_interval.
  void resend_unanswered();

 private:
  Task<> on_guest_power(GuestInfo guest);
  // Whether settle_power would do something.
  bool is_otherwise(const GuestInfo& guest) const;
  // The caller holds the server's lock.
  Task<> settle_power(GuestInfo guest);
  // Whether the server has left this guest's host, and the guest runs: one whose process had a second one beside it.
  bool runs_where_it_was_left(const GuestInfo& guest) const;
  void stop_where_it_was_left(const GuestInfo& guest);
  // Some time after the store refused what a guest's power asked for: once more, unless something newer is known.
  Task<> count_on(Instance next, uint64_t done);
  Task<> settle_refused(Uuid instance);
  void send_action(const Instance& row, TraceContext trace);
  Task<> finish_action(Instance next, const ServerActionDone& done);

  struct Refused {
    GuestInfo guest;
    uint64_t operation = 0;  // of its server then
  };

  ControllerWorld& world_;
  MoveStages& stages_;
  Terminations& terminations_;
  Instant resent_;
  std::map<Uuid, Refused> refused_;
};

}  // namespace kilonova::controller
