#include "sim/checkers/stale_guests.h"

#include <fmt/format.h>

namespace kilonova::sim {

void StaleGuestChecker::judge(const Uuid& instance, const Placed& guest, const RowState* row) {
  // The host that a resized server came from keeps its guest.
  const bool is_other = row != nullptr && row->other && row->other->epoch == guest.epoch;
  if (row != nullptr && (row->epoch <= guest.epoch || is_other)) {
    stale_.erase({instance, guest.host});
  } else {
    stale_[{instance, guest.host}].epoch = guest.epoch;
  }
}

void StaleGuestChecker::on_row(const Uuid& uuid, const RowState*, const RowState* after) {
  const std::vector<Placed>* guests = guests_.find(uuid);
  if (guests == nullptr) return;
  for (const Placed& guest : *guests) judge(uuid, guest, after);
}

void StaleGuestChecker::on_guest(const GuestRecord* before, const GuestRecord* after) {
  if (before != nullptr) {
    const Uuid& instance = before->placement.instance;
    std::vector<Placed>& guests = guests_[instance];
    std::erase_if(guests, [&](const Placed& guest) { return guest.host == before->host; });
    if (guests.empty()) guests_.erase(instance);
    if (after == nullptr) stale_.erase({instance, before->host});
  }
  if (after == nullptr) return;
  const Uuid& instance = after->placement.instance;
  Placed guest{after->host, after->placement.epoch};
  judge(instance, guest, ledger_.row(instance));
  guests_[instance].push_back(std::move(guest));
}

void StaleGuestChecker::on_went_back(const WentBack& past) {
  if (past.of != Role::kController) return;
  for (const auto& [key, guest] : ledger_.guests())
    judge(key.first, {guest.host, guest.placement.epoch}, ledger_.row(key.first));
}

void StaleGuestChecker::look(Instant now) {
  for (auto& [key, stale] : stale_) {
    if (!stale.since) stale.since = now;
    if (now - *stale.since <= bound_) continue;
    const RowState* row = ledger_.row(key.first);
    violations_.add("stale guests",
                    fmt::format("host {} still has a guest of epoch {} of server {}, which is {}", key.second,
                                stale.epoch, to_string(key.first), row == nullptr ? "gone" : describe(*row)));
  }
}

}  // namespace kilonova::sim
