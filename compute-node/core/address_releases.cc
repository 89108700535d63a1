#include "compute-node/core/address_releases.h"

#include <limits>
#include <utility>

#include "base/sometimes.h"

namespace kilonova::compute {

void AddressReleases::release(const PlacementId& placement, const TraceContext& trace, uint64_t kept_by,
                              uint64_t ticket) {
  Request request{.trace = trace, .kept_by = kept_by, .sent_at = loop_.now(), .ticket = ticket};
  unconfirmed_.insert_or_assign(placement, request);
  send(placement, request);
}

// Refused by the transport or lost on the way: resend() covers both.
void AddressReleases::send(const PlacementId& placement, const Request& request) {
  transport_.send(kNetworkController,
                  Message{0, ReleaseAddresses{placement, request.trace, request.kept_by, request.ticket}});
}

void AddressReleases::on_released(const AddressesReleased& message) {
  auto first = unconfirmed_.lower_bound(PlacementId{.instance = message.placement.instance, .epoch = 0});
  auto last = unconfirmed_.upper_bound(message.placement);
  unconfirmed_.erase(first, last);
}

std::vector<PlacementId> AddressReleases::unconfirmed(const Uuid& after, size_t limit) const {
  std::vector<PlacementId> servers;
  auto it = unconfirmed_.upper_bound(PlacementId{.instance = after, .epoch = std::numeric_limits<uint64_t>::max()});
  for (; it != unconfirmed_.end() && servers.size() < limit; ++it) servers.push_back(it->first);
  return servers;
}

void AddressReleases::resend(Duration unanswered_for) {
  Instant now = loop_.now();
  for (auto& [placement, request] : unconfirmed_) {
    if (now - request.sent_at < unanswered_for) continue;
    KN_SOMETIMES("compute: a release is told again");
    request.sent_at = now;
    send(placement, request);
  }
}

}  // namespace kilonova::compute
