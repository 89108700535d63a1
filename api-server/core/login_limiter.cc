#include "api-server/core/login_limiter.h"

#include <algorithm>
#include <cstdint>

#include "base/check.h"

namespace kilonova::api {
namespace {

// FNV-1a, 64 bits.
size_t bucket_of(std::string_view user) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (char c : user) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3ULL;
  return hash % LoginLimiter::kBuckets;
}

}  // namespace

LoginLimiter::LoginLimiter(int burst, Duration interval)
    : capacity_(interval * burst), interval_(interval), full_at_(kBuckets, Instant{INT64_MIN / 2}) {
  KN_CHECK(burst > 0 && interval > Duration{}, "a log-in limit needs a burst and an interval above 0");
}

Duration LoginLimiter::charge(std::string_view user, Instant now) {
  Instant& full_at = full_at_[bucket_of(user)];
  Instant charged = std::max(full_at, now) + interval_;
  Duration wait = charged - (now + capacity_);
  if (wait > Duration{}) return wait;
  full_at = charged;
  return {};
}

void LoginLimiter::refund(std::string_view user) {
  Instant& full_at = full_at_[bucket_of(user)];
  full_at = full_at - interval_;
}

}  // namespace kilonova::api
