#include "network-controller/core/holdings.h"

#include <utility>

namespace kilonova::network {

AllocateVerdict Holdings::decide_allocate(const PlacementId& placement, uint64_t shares_with) const {
  const Holding* holding = find(placement.instance);
  // Before the fence: after a move that was taken back, the placement that kept the addresses is below it.
  if (holding != nullptr && holding->is_of(placement.epoch)) return AllocateVerdict::kRepeat;
  if (placement.epoch <= fence_epoch(placement.instance)) return AllocateVerdict::kStale;
  if (holding != nullptr && holding->epoch > placement.epoch) return AllocateVerdict::kStale;
  if (shares_with == 0) return AllocateVerdict::kNew;
  // Also where another placement that the server was to move to has not been released yet.
  return holding != nullptr && holding->is_of(shares_with) ? AllocateVerdict::kShare : AllocateVerdict::kLost;
}

bool Holdings::must_release(const PlacementId& placement, bool server_is_gone) const {
  const Holding* holding = find(placement.instance);
  if (holding != nullptr && holding->is_of(placement.epoch)) return true;
  // Whatever was released before: it may have been learnt again since.
  if (server_is_gone && holding != nullptr && holding->epoch <= placement.epoch) return true;
  // Released before: who has the addresses now was named as keeping them.
  if (placement.epoch <= fence_epoch(placement.instance)) return false;
  if (holding != nullptr) return holding->epoch <= placement.epoch;
  return true;
}

std::optional<Holding> Holdings::kept(const PlacementId& released, uint64_t kept_by) const {
  const Holding* holding = find(released.instance);
  if (holding != nullptr && holding->shared_with != 0 && holding->is_of(released.epoch))
    kept_by = released.epoch == holding->epoch ? holding->shared_with : holding->epoch;
  if (holding == nullptr || kept_by == 0 || !holding->is_of(kept_by)) return std::nullopt;
  Holding left = *holding;
  left.epoch = kept_by;
  left.shared_with = 0;
  return left;
}

const Holding* Holdings::find(const Uuid& instance) const {
  auto at = holdings_.find(instance);
  return at == holdings_.end() ? nullptr : &at->second;
}

void Holdings::put(const Uuid& instance, Holding holding) {
  if (holdings_.insert_or_assign(instance, std::move(holding)).second) holders_.insert(instance);
}

void Holdings::erase(const Uuid& instance) {
  if (holdings_.erase(instance) != 0) holders_.erase(instance);
}

std::vector<PlacementId> Holdings::held_after(const std::optional<Uuid>& after, size_t limit) const {
  std::vector<PlacementId> held;
  auto at = after ? holders_.upper_bound(*after) : holders_.begin();
  for (; at != holders_.end() && held.size() < limit; ++at) {
    const Holding& holding = *find(*at);
    held.push_back({*at, holding.epoch});
    if (holding.shared_with != 0) held.push_back({*at, holding.shared_with});
  }
  return held;
}

void Holdings::put_fence(const PlacementId& placement, Instant forget_at) {
  Fence& fence = fence_of_[placement.instance];
  if (placement.epoch < fence.epoch) return;
  fences_by_age_.erase({fence.forget_at, placement.instance});
  fence = {placement.epoch, forget_at};
  fences_by_age_.insert_or_assign({forget_at, placement.instance}, placement.epoch);
}

uint64_t Holdings::fence_epoch(const Uuid& instance) const {
  const Fence* fence = fence_of_.find(instance);
  return fence == nullptr ? 0 : fence->epoch;
}

std::vector<PlacementId> Holdings::fences_to_forget(Instant now, size_t limit) const {
  std::vector<PlacementId> over;
  for (const auto& [order, epoch] : fences_by_age_) {
    if (order.forget_at > now || over.size() == limit) break;
    over.push_back({order.instance, epoch});
  }
  return over;
}

void Holdings::erase_fence(const PlacementId& placement) {
  const Fence* fence = fence_of_.find(placement.instance);
  if (fence == nullptr || fence->epoch != placement.epoch) return;
  fences_by_age_.erase({fence->forget_at, placement.instance});
  fence_of_.erase(placement.instance);
}

WallTime renewed_expiry(WallTime first_expiry, Duration lease_time, WallTime now) {
  Duration half{lease_time.us / 2};
  WallTime start{first_expiry.us - lease_time.us};
  if (half.us <= 0 || now < start) return first_expiry;
  int64_t renewals = (now - start).us / half.us;
  return first_expiry + half * renewals;
}

}  // namespace kilonova::network
