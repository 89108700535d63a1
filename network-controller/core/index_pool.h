// IndexPool: which of the numbers 0 to size-1 are taken. A bitmap with summaries, 64 to one, so that the next free number
// is found in a few steps however full it is. Takes memory only up to the highest number that was ever taken: at most
// two bits a number, 4 MiB for a 10.0.0.0/8.
// A pure data structure; loop thread only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace kilonova::network {

class IndexPool {
 public:
  // size at most 2^30.
  explicit IndexPool(uint32_t size) : size_(size) {}

  // The least free number that is not below `from`.
  std::optional<uint32_t> next_free(uint32_t from) const { return next_clear(0, from); }
  // The least taken number that is not below `from`. Linear in the free stretch it skips, 64 numbers a step.
  std::optional<uint32_t> next_taken(uint32_t from) const;
  bool taken(uint32_t index) const;
  // False when it is out of range or taken already.
  bool take(uint32_t index);
  // False when it is not taken.
  bool release(uint32_t index);
  uint32_t size() const { return size_; }
  uint32_t count() const { return count_; }

 private:
  static constexpr size_t kLevels = 5;

  std::optional<uint32_t> next_clear(size_t level, uint32_t from) const;

  uint32_t size_;
  uint32_t count_ = 0;
  // Level 0: a bit a number, set when taken. Level n+1: a bit a word of level n, set when that word is full. What is
  // beyond the end of a vector is clear.
  std::array<std::vector<uint64_t>, kLevels> levels_;
};

}  // namespace kilonova::network
