// Bounds failed log-ins: a token bucket per user name, so that guessing passwords is slow. What the name is worth (known
// or not) makes no difference, and the memory is fixed: names share kBuckets buckets by hash.
#pragma once

#include <string_view>
#include <vector>

#include "base/time.h"

namespace kilonova::api {

// Time is given by the caller; loop thread only.
class LoginLimiter {
 public:
  // `burst` failures at once, then one each `interval`.
  LoginLimiter(int burst, Duration interval);

  // Before a try: counts it as failed, so that tries at the same time count too. 0 when it may go ahead; otherwise how
  // long to wait, and nothing is counted.
  Duration charge(std::string_view user, Instant now);
  // After a try that did not fail for its password: takes its count back.
  void refund(std::string_view user);

  static constexpr size_t kBuckets = 4096;

 private:
  // A bucket as the instant from which it is full again: each failure moves it one interval on.
  Duration capacity_;
  Duration interval_;
  std::vector<Instant> full_at_;
};

}  // namespace kilonova::api
