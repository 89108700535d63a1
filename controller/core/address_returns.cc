#include "controller/core/address_returns.h"

#include "base/sometimes.h"

namespace kilonova::controller {

void AddressReturns::release(const PlacementId& placement, const TraceContext& trace, uint64_t kept_by) {
  unconfirmed_[placement] = {trace, kept_by};
  send(placement, unconfirmed_[placement]);
}

void AddressReturns::send(const PlacementId& placement, const Asked& asked) {
  transport_.send(PeerId{Role::kNetwork, 0}, Message{0, ReleaseAddresses{placement, asked.trace, asked.kept_by}});
}

void AddressReturns::resend() {
  sent_ = loop_.now();
  if (!unconfirmed_.empty()) KN_SOMETIMES("controller: a release is told again");
  for (const auto& [placement, asked] : unconfirmed_) send(placement, asked);
}

void AddressReturns::resend_unconfirmed(Duration interval) {
  if (loop_.now() - sent_ >= interval) resend();
}

}  // namespace kilonova::controller
