#include "network-controller/core/index_pool.h"

#include <algorithm>
#include <bit>

namespace kilonova::network {
namespace {

constexpr uint64_t kFull = ~uint64_t{0};

uint64_t bit_of(uint32_t index) { return uint64_t{1} << (index & 63); }

}  // namespace

std::optional<uint32_t> IndexPool::next_clear(size_t level, uint32_t from) const {
  auto within = [&](uint32_t index) -> std::optional<uint32_t> {
    if (level == 0 && index >= size_) return std::nullopt;
    return index;
  };
  const std::vector<uint64_t>& words = levels_[level];
  uint32_t word = from >> 6;
  if (word >= words.size()) return within(from);
  if (uint64_t clear = ~words[word] & (kFull << (from & 63)); clear != 0)
    return within((word << 6) + static_cast<uint32_t>(std::countr_zero(clear)));
  ++word;
  if (level + 1 < kLevels) {
    std::optional<uint32_t> next = next_clear(level + 1, word);
    if (!next) return std::nullopt;
    word = *next;
  }
  // Of a higher level only a word that is not full is named, so this is no search.
  while (word < words.size() && words[word] == kFull) ++word;
  if (word >= words.size()) return within(word << 6);
  return within((word << 6) + static_cast<uint32_t>(std::countr_zero(~words[word])));
}

std::optional<uint32_t> IndexPool::next_taken(uint32_t from) const {
  const std::vector<uint64_t>& words = levels_[0];
  uint64_t mask = kFull << (from & 63);
  for (size_t word = from >> 6; word < words.size(); ++word, mask = kFull)
    if (uint64_t set = words[word] & mask; set != 0)
      return static_cast<uint32_t>(word << 6) + static_cast<uint32_t>(std::countr_zero(set));
  return std::nullopt;
}

bool IndexPool::taken(uint32_t index) const {
  const std::vector<uint64_t>& words = levels_[0];
  return (index >> 6) < words.size() && (words[index >> 6] & bit_of(index)) != 0;
}

bool IndexPool::take(uint32_t index) {
  if (index >= size_ || taken(index)) return false;
  ++count_;
  for (std::vector<uint64_t>& words : levels_) {
    uint32_t word = index >> 6;
    if (word >= words.size()) words.resize(word + 1);
    words[word] |= bit_of(index);
    if (words[word] != kFull) break;
    index = word;
  }
  return true;
}

bool IndexPool::release(uint32_t index) {
  if (!taken(index)) return false;
  --count_;
  for (std::vector<uint64_t>& words : levels_) {
    uint32_t word = index >> 6;
    bool was_full = words[word] == kFull;
    words[word] &= ~bit_of(index);
    if (!was_full) break;
    index = word;
  }
  return true;
}

}  // namespace kilonova::network
