#include "daemon/escape.h"

#include <algorithm>
#include <cstdint>

namespace kilonova {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

bool is_harmless(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-' || c == ':' || c == '/' || c == '+' || c == '@' || c == ',' || c == '*';
}

void append(LineBuffer& out, std::string_view text) { out.append(text.data(), text.data() + text.size()); }

void append_unicode_escape(LineBuffer& out, uint32_t unit) {
  append(out, "\\u");
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(kHexDigits[unit >> shift & 15]);
}

// Bytes of the UTF-8 sequence at the front, 0 when it is broken.
size_t sequence_length(std::string_view text) {
  auto byte = [&text](size_t i) { return static_cast<uint8_t>(text[i]); };
  uint8_t first = byte(0);
  if (first < 0x80) return 1;
  size_t length = first >= 0xc2 && first < 0xe0   ? 2
                  : (first & 0xf0) == 0xe0        ? 3
                  : first >= 0xf0 && first < 0xf5 ? 4
                                                  : 0;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  if (first == 0xe0 && byte(1) < 0xa0) return 0;
  if (first == 0xed && byte(1) >= 0xa0) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) >= 0x90) return 0;
  return length;
}

bool is_plain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

void append_ascii(LineBuffer& out, char c) {
  switch (c) {
    case '"': return append(out, "\\\"");
    case '\\': return append(out, "\\\\");
    case '\n': return append(out, "\\n");
    case '\r': return append(out, "\\r");
    case '\t': return append(out, "\\t");
    default: break;
  }
  auto byte = static_cast<uint8_t>(c);
  if (byte < 0x20 || byte == 0x7f)
    append_unicode_escape(out, byte);
  else
    out.push_back(c);
}

void append_utf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

std::optional<uint32_t> parse_hex4(std::string_view text, size_t position) {
  if (position + 4 > text.size()) return std::nullopt;
  uint32_t value = 0;
  for (char c : text.substr(position, 4)) {
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<uint32_t>(digit);
  }
  return value;
}

// After "\u": the character, a surrogate pair included; position moves behind it.
std::optional<uint32_t> parse_unicode_escape(std::string_view text, size_t& position) {
  std::optional<uint32_t> unit = parse_hex4(text, position);
  if (!unit) return std::nullopt;
  position += 4;
  if (*unit < 0xd800 || *unit > 0xdfff) return unit;
  if (*unit > 0xdbff || text.substr(position, 2) != "\\u") return std::nullopt;
  std::optional<uint32_t> low = parse_hex4(text, position + 2);
  if (!low || *low < 0xdc00 || *low > 0xdfff) return std::nullopt;
  position += 6;
  return 0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00);
}

}  // namespace

void append_quoted(LineBuffer& out, std::string_view text) {
  out.push_back('"');
  for (;;) {
    const auto plain = static_cast<size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
    append(out, text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    size_t length = sequence_length(text);
    if (length == 0) {
      append(out, "\xef\xbf\xbd");
      length = 1;
    } else if (length == 1) {
      append_ascii(out, text[0]);
    } else {
      std::string_view sequence = text.substr(0, length);
      if (length == 2 && sequence[0] == '\xc2' && static_cast<uint8_t>(sequence[1]) < 0xa0)
        append_unicode_escape(out, static_cast<uint8_t>(sequence[1]));
      else if (sequence == "\xe2\x80\xa8" || sequence == "\xe2\x80\xa9")
        append_unicode_escape(out, sequence[2] == '\xa8' ? 0x2028 : 0x2029);
      else
        append(out, sequence);
    }
    text.remove_prefix(length);
  }
  out.push_back('"');
}

void append_word(LineBuffer& out, std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_harmless))
    append(out, text);
  else
    append_quoted(out, text);
}

std::optional<std::string> parse_quoted(std::string_view text, size_t& position) {
  if (position >= text.size() || text[position] != '"') return std::nullopt;
  std::string out;
  for (size_t i = position + 1; i < text.size();) {
    char c = text[i++];
    if (c == '"') {
      position = i;
      return out;
    }
    if (c != '\\') {
      out += c;
      continue;
    }
    if (i >= text.size()) return std::nullopt;
    char escape = text[i++];
    static constexpr std::string_view kEscapes = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (size_t known = kEscapes.find(escape); known != std::string_view::npos) {
      out += kMeanings[known];
    } else if (escape == 'u') {
      std::optional<uint32_t> character = parse_unicode_escape(text, i);
      if (!character) return std::nullopt;
      append_utf8(out, *character);
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace kilonova
