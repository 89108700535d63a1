// Histogram: how many of some values lay up to each of a few fixed bounds, and their sum. What a core counts with where a
// count alone says too little; adding is a short search and two increments.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace kilonova {

// Bounds: an ascending array of int64_t with static storage. One thread at a time. Counts never go back.
template <const auto& Bounds>
class Histogram {
 public:
  static constexpr size_t kBounds = std::size(Bounds);

  void add(int64_t value) {
    const auto bound = std::ranges::lower_bound(Bounds, value);
    ++counts_[static_cast<size_t>(bound - std::begin(Bounds))];
    ++count_;
    sum_ += value;
  }
  void add(Duration duration) { add(duration.us); }

  uint64_t count() const { return count_; }
  int64_t sum() const { return sum_; }
  // Of values up to Bounds[bound], those of lower bounds too.
  uint64_t up_to(size_t bound) const {
    uint64_t all = 0;
    for (size_t i = 0; i <= bound; ++i) all += counts_[i];
    return all;
  }
  static constexpr const auto& bounds() { return Bounds; }

 private:
  std::array<uint64_t, kBounds + 1> counts_{};  // one for each bound, and for what is above all
  uint64_t count_ = 0;
  int64_t sum_ = 0;
};

// Microseconds: from a turn of a loop to a launch on slow hosts.
inline constexpr auto kDurationBounds = std::to_array<int64_t>(
    {25,     50,      100,     250,     500,       1'000,     2'500,     5'000,      10'000,     25'000,
     50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 30'000'000, 60'000'000});
using DurationCounts = Histogram<kDurationBounds>;

// Of things taken together.
inline constexpr auto kSizeBounds = std::to_array<int64_t>({1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024});
using SizeCounts = Histogram<kSizeBounds>;

}  // namespace kilonova
