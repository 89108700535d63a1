// Resets of the cloud. The controller ends all that it has under way and begins again on first rows, as after a crash
// with a store that went back (docs/adr/0027); here is what comes before that, and in the life that follows, until
// nothing of before is left anywhere. Loop thread only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "controller/core/controller_world.h"
#include "controller/core/host_registry.h"
#include "controller/core/reset_rows.h"
#include "domain/beliefs.h"
#include "domain/nouns/cloud_reset.h"
#include "domain/operation.h"
#include "runtime/event.h"
#include "runtime/task.h"

namespace kilonova::controller {

class CloudResets {
 public:
  // Called once. Its owner destroys the core soon after the call, commits the reset (commit_reset()) and makes another
  // core in a new incarnation.
  using BeginAgain = std::function<void(CloudReset reset)>;

  // `begin_again`: empty = this cloud cannot be reset.
  CloudResets(ControllerWorld& world, HostRegistry& hosts, BeginAgain begin_again, std::optional<FailedReset> failed);

  // Takes up a reset that the rows say is under way. Once the transport can send.
  void start();
  // Every compute process was heard, or not for so long that the cloud goes on without it.
  void on_recovered() { recovered_.set(); }
  // Until nothing of before is left nobody changes anything.
  bool is_under_way() const { return last_.under_way; }
  // Is it asked again for the reset that this life began with? Who asks may be gone with that reset.
  bool is_repetition(const ResetCloud& request) const;

  // Answers in this life of the controller where nothing is left to do; else never, as this life ends. Errors: the
  // store's, of the try before; then nothing is changed.
  Task<Expected<Empty>> handle(ResetCloud request, RequestContext context);

 private:
  Task<> finish();
  Task<> reset_networks();
  // Gives hosts their power again, and destroys what they have of servers that are gone.
  Task<> clear_hosts();
  std::vector<Host> down_hosts() const;
  Task<> power_on(Host host);
  Task<bool> clear_process(Peer process, Instant deadline);
  Task<bool> store_end();

  ControllerWorld& world_;
  HostRegistry& hosts_;
  BeginAgain begin_again_;
  LastReset last_;
  std::optional<FailedReset> failed_;
  Event recovered_;
  Event done_;
  bool is_ending_ = false;
  Event end_;  // of this life: never
};

}  // namespace kilonova::controller
