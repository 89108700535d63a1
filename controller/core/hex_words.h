// Numbers that a setting holds as words of hexadecimal digits.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace kilonova::controller {

// What stands between single spaces.
inline std::vector<std::string_view> words_in(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    words.push_back(text.substr(0, text.find(' ')));
    text.remove_prefix(std::min(words.back().size() + 1, text.size()));
  }
  return words;
}

// Nothing for what is no such number as a whole.
inline std::optional<uint64_t> hex_number(std::string_view word) {
  uint64_t number = 0;
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number, 16);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

}  // namespace kilonova::controller
