#include "sim/checkers/stale_guests.h"

#include <fmt/format.h>

#include <utility>

namespace kilonova::sim {

void StaleGuestChecker::look(Instant now) {
  std::map<Ledger::GuestKey, Instant> still;
  for (const auto& [key, guest] : ledger_.guests()) {
    const RowState* row = ledger_.row(key.first);
    if (row != nullptr && row->epoch <= guest.placement.epoch) continue;
    auto known = stale_since_.find(key);
    Instant since = known == stale_since_.end() ? now : known->second;
    still.emplace(key, since);
    if (now - since > bound_)
      violations_.add("stale guests", fmt::format("host {} still has a guest of epoch {} of server {}, which is {}",
                                                  key.second, guest.placement.epoch, to_string(key.first),
                                                  row == nullptr ? "gone" : describe(*row)));
  }
  stale_since_ = std::move(still);
}

}  // namespace kilonova::sim
