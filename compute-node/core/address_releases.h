// AddressReleases: addresses that a host gave up, asked back from the network-controller until it confirms. Nothing
// waits for the confirmation: a report goes out once its release was sent. Owned by ComputeCore; loop thread only.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "base/time.h"
#include "domain/messages.h"
#include "ports/transport.h"
#include "runtime/loop.h"

namespace kilonova::compute {

inline constexpr PeerId kNetworkController{Role::kNetwork, 0};

class AddressReleases {
 public:
  AddressReleases(Loop& loop, Transport& transport) : loop_(loop), transport_(transport) {}

  // Frees every address of the server up to the placement's epoch, unless the epoch that is named has them; 0 = none.
  // Without the ticket of its cast, which a restart forgets, this only says that nothing of it is here any more.
  void release(const PlacementId& placement, const TraceContext& trace, uint64_t kept_by = 0, uint64_t ticket = 0);
  void on_released(const AddressesReleased& message);
  // Asks again for what was asked for at least so long ago.
  void resend(Duration unanswered_for);
  size_t size() const { return unconfirmed_.size(); }
  // Servers behind this one whose releases are not confirmed, in order; at most so many.
  std::vector<PlacementId> unconfirmed(const Uuid& after, size_t limit) const;

 private:
  struct Request {
    TraceContext trace;
    uint64_t kept_by = 0;
    Instant sent_at;
    uint64_t ticket = 0;
  };
  void send(const PlacementId& placement, const Request& request);

  Loop& loop_;
  Transport& transport_;
  std::map<PlacementId, Request> unconfirmed_;
};

}  // namespace kilonova::compute
