// Addresses of placements that are over, and that the controller itself gives back: asked of the network-controller until it
// confirms. In memory: after a restart, audits release what is left. Loop thread only.
#pragma once

#include <cstdint>
#include <map>

#include "base/time.h"
#include "domain/messages.h"
#include "ports/transport.h"
#include "runtime/loop.h"

namespace kilonova::controller {

class AddressReturns {
 public:
  AddressReturns(Loop& loop, Transport& transport) : loop_(loop), transport_(transport) {}

  // `kept_by`: the epoch that has the addresses from now on, 0 = none.
  void release(const PlacementId& placement, const TraceContext& trace, uint64_t kept_by = 0);
  void on_released(const AddressesReleased& released) { unconfirmed_.erase(released.placement); }
  // The network-controller (re)connected.
  void resend();
  // Regularly: again, when `interval` has passed since the last time.
  void resend_unconfirmed(Duration interval);

 private:
  struct Asked {
    TraceContext trace;
    uint64_t kept_by = 0;
  };

  void send(const PlacementId& placement, const Asked& asked);

  Loop& loop_;
  Transport& transport_;
  std::map<PlacementId, Asked> unconfirmed_;
  Instant sent_;
};

}  // namespace kilonova::controller
