#include "api-server/core/login_limiter.h"

#include <algorithm>

#include "base/check.h"

namespace kilonova::api {
namespace {

// FNV-1a, 64 bits, begun and finished with the seed (the finish is MurmurHash3's).
class Hash {
 public:
  explicit Hash(uint64_t seed) : seed_(seed), state_(0xcbf29ce484222325ULL ^ seed) {}

  Hash& add(std::string_view text) {
    for (char c : text) add(static_cast<uint8_t>(c));
    return add(uint16_t{0x100});  // no byte: "ab", "c" is not "a", "bc"
  }
  size_t bucket() const {
    uint64_t mixed = state_ ^ seed_;
    mixed = (mixed ^ (mixed >> 33)) * 0xff51afd7ed558ccdULL;
    mixed = (mixed ^ (mixed >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    return (mixed ^ (mixed >> 33)) % LoginLimiter::kBuckets;
  }

 private:
  Hash& add(uint16_t value) {
    state_ = (state_ ^ value) * 0x100000001b3ULL;
    return *this;
  }

  uint64_t seed_;
  uint64_t state_;
};

}  // namespace

LoginLimiter::LoginLimiter(const Limits& limits, uint64_t seed)
    : limits_{limits.user_at_source, limits.user, limits.source}, seed_(seed) {
  for (const Limit& limit : limits_)
    KN_CHECK(limit.burst > 0 && limit.interval > Duration{}, "a log-in limit needs a burst and an interval above 0");
  for (auto& buckets : full_at_) buckets.assign(kBuckets, Instant{INT64_MIN / 2});
}

std::array<Instant*, LoginLimiter::kKinds> LoginLimiter::buckets_of(std::string_view user, std::string_view source) {
  return {&full_at_[0][Hash(seed_).add(user).add(source).bucket()], &full_at_[1][Hash(seed_).add(user).bucket()],
          &full_at_[2][Hash(seed_).add(source).bucket()]};
}

LoginLimiter::Refusal LoginLimiter::charge(std::string_view user, std::string_view source, Instant now) {
  auto buckets = buckets_of(user, source);
  auto has_failed = [&](Whom kind) { return *buckets[static_cast<size_t>(kind)] > now; };
  const bool is_clean = !has_failed(Whom::kUserAtSource) && !has_failed(Whom::kSource);
  std::array<Instant, kKinds> charged;
  Refusal refusal;
  for (size_t kind = 0; kind < kKinds; ++kind) {
    charged[kind] = std::max(*buckets[kind], now) + limits_[kind].interval;
    // Nobody else's failures count against a source that has none.
    if (static_cast<Whom>(kind) == Whom::kUser && is_clean) continue;
    Duration wait = charged[kind] - (now + limits_[kind].interval * limits_[kind].burst);
    if (wait > refusal.wait) refusal = {wait, static_cast<Whom>(kind)};
  }
  if (refusal.wait > Duration{}) return refusal;
  for (size_t kind = 0; kind < kKinds; ++kind)
    *buckets[kind] = std::min(charged[kind], now + limits_[kind].interval * limits_[kind].burst);
  return {};
}

void LoginLimiter::refund(std::string_view user, std::string_view source) {
  auto buckets = buckets_of(user, source);
  for (size_t kind = 0; kind < kKinds; ++kind) *buckets[kind] = *buckets[kind] - limits_[kind].interval;
}

}  // namespace kilonova::api
