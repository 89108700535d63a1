#include "base/utf8.h"

#include <cstddef>

namespace kilonova {

uint32_t next_character(std::string_view& text) {
  auto byte = [&text](size_t i) { return static_cast<uint8_t>(text[i]); };
  uint32_t first = byte(0);
  size_t length = first < 0x80                    ? 1
                  : first >= 0xc2 && first < 0xe0 ? 2
                  : (first & 0xf0) == 0xe0        ? 3
                  : first >= 0xf0 && first < 0xf5 ? 4
                                                  : 0;
  uint32_t character = length == 1 ? first : first & (0x7f >> length);
  bool good = length != 0 && length <= text.size();
  for (size_t i = 1; good && i < length; ++i) {
    good = (byte(i) & 0xc0) == 0x80;
    character = character << 6 | (byte(i) & 0x3f);
  }
  bool overlong = (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
  bool no_scalar = character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff);
  if (!good || overlong || no_scalar) {
    text.remove_prefix(1);
    return kBrokenCharacter;
  }
  text.remove_prefix(length);
  return character;
}

}  // namespace kilonova
