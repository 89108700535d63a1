#include "rpc/convert/utf8.h"

#include <cstdint>
#include <cstring>

namespace kilonova::rpc {
namespace {

bool is_ascii(std::string_view text) {
  uint64_t high_bits = 0;
  for (; text.size() >= 8; text.remove_prefix(8)) {
    uint64_t word;
    std::memcpy(&word, text.data(), 8);
    high_bits |= word;
  }
  for (char c : text) high_bits |= static_cast<uint8_t>(c);
  // The tail sets only the lowest byte, which the mask covers.
  return (high_bits & 0x8080808080808080ULL) == 0;
}

// Bytes of the well-formed character that starts the text, 0 when none does.
size_t character_length(std::string_view text) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; };
  auto is_tail = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return is_tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    bool overlong = lead == 0xe0 && byte(1) < 0xa0;
    bool surrogate = lead == 0xed && byte(1) >= 0xa0;
    return is_tail(1) && is_tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    bool overlong = lead == 0xf0 && byte(1) < 0x90;
    bool too_high = lead == 0xf4 && byte(1) >= 0x90;
    return is_tail(1) && is_tail(2) && is_tail(3) && !overlong && !too_high ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  if (is_ascii(text)) return true;
  while (!text.empty()) {
    size_t length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string to_utf8(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    size_t length = character_length(text);
    if (length == 0) {
      result += "\xef\xbf\xbd";
      length = 1;
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return result;
}

}  // namespace kilonova::rpc
