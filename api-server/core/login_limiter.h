// Bounds failed log-ins, so that guessing passwords is slow: token buckets (as RFC 2697's) for a user's name at one
// source, for the name at all sources, and for a source with all names. The first is the narrow one: who guesses
// elsewhere does not lock the user out at home, however many they are: the second holds for sources that failed lately.
// What the name is worth (known or not) makes no difference, and the memory is fixed: names and sources share kBuckets
// buckets by a hash with a secret seed, so that nobody can aim at another's bucket.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace kilonova::api {

// Time is given by the caller; loop thread only.
class LoginLimiter {
 public:
  // `burst` failures at once, then one each `interval`.
  struct Limit {
    int burst = 0;
    Duration interval;
  };
  struct Limits {
    Limit user_at_source{10, seconds(6)};
    Limit user{100, milliseconds(600)};
    Limit source{100, milliseconds(600)};
  };

  LoginLimiter(const Limits& limits, uint64_t seed);

  // Whom a refusal is about.
  enum class Whom : uint8_t { kUserAtSource, kUser, kSource };
  struct Refusal {
    Duration wait;  // 0 = go ahead
    Whom whom = Whom::kUserAtSource;
  };
  // Before a try: counts it as failed, so that tries at the same time count too. Otherwise how long to wait, and
  // nothing is counted.
  Refusal charge(std::string_view user, std::string_view source, Instant now);
  // After a try that did not fail for its password: takes its count back.
  void refund(std::string_view user, std::string_view source);

  static constexpr size_t kBuckets = 4096;  // of each kind

 private:
  static constexpr size_t kKinds = 3;

  // The instant from which a bucket is full again: each failure moves it one interval on.
  std::array<Instant*, kKinds> buckets_of(std::string_view user, std::string_view source);

  std::array<Limit, kKinds> limits_;  // by Whom
  uint64_t seed_;
  std::array<std::vector<Instant>, kKinds> full_at_;
};

}  // namespace kilonova::api
