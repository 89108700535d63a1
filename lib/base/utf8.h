// UTF-8, character by character.
#pragma once

#include <cstdint>
#include <string_view>

namespace kilonova {

inline constexpr uint32_t kBrokenCharacter = UINT32_MAX;

// The next code point, taken off the front of `text`, which is not empty; kBrokenCharacter (and one byte) where it is not the
// shortest form of a scalar value.
uint32_t next_character(std::string_view& text);

}  // namespace kilonova
