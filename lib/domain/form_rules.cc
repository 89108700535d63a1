#include "domain/form_rules.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "base/utf8.h"

namespace kilonova {
namespace {

bool is_printable(uint32_t c) {
  if (c == kBrokenCharacter || c < 0x20 || (c >= 0x7f && c < 0xa0)) return false;
  if (c == 0xad || c == 0x61c || c == 0x180e || c == 0xfeff) return false;
  if ((c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f)) return false;
  if ((c >= 0xe000 && c <= 0xf8ff) || (c >= 0xfff0 && c <= 0xfffb) || c >= 0xe0000) return false;
  if ((c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe) return false;
  return true;
}

bool is_space(uint32_t c) {
  return c == ' ' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

}  // namespace

std::string in_quotes(std::string_view text) {
  constexpr size_t kMaxShown = 64;
  std::string out = "'";
  for (size_t shown = 0; !text.empty(); ++shown) {
    if (shown == kMaxShown) {
      out += "...";
      break;
    }
    std::string_view before = text;
    uint32_t character = next_character(text);
    if (is_printable(character))
      out += before.substr(0, before.size() - text.size());
    else
      out += '?';
  }
  return out + "'";
}

Expected<> check_text(std::string_view what, std::string_view text, size_t max_length) {
  size_t length = 0;
  for (std::string_view rest = text; !rest.empty(); ++length) {
    if (!is_printable(next_character(rest)))
      return refuse(fmt::format("{} {} has a character that cannot be printed, or broken UTF-8, at position {}", what,
                                in_quotes(text), length + 1));
  }
  if (length > max_length)
    return refuse(
        fmt::format("{} {} has {} characters; at most {} are allowed", what, in_quotes(text), length, max_length));
  return {};
}

Expected<> check_name(std::string_view what, std::string_view name, size_t max_length) {
  if (name.empty()) return refuse(fmt::format("{} is empty; it needs 1 to {} characters", what, max_length));
  if (auto printable = check_text(what, name, max_length); !printable) return printable;
  std::string_view rest = name;
  bool space_at_end = is_space(next_character(rest));
  bool space_at_start = space_at_end;
  while (!rest.empty()) space_at_end = is_space(next_character(rest));
  if (space_at_start || space_at_end)
    return refuse(fmt::format("{} {} begins or ends with white space; remove it", what, in_quotes(name)));
  return {};
}

Expected<> check_host_name(std::string_view name) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  if (auto good = check_name("the host's name", name); !good) return good;
  if (name.find(kReplacement) != std::string_view::npos)
    return refuse(fmt::format("the host's name {} had bytes that are not UTF-8", in_quotes(name)));
  return {};
}

Expected<> check_word(std::string_view what, std::string_view word, std::string_view others, size_t max_length) {
  if (word.empty()) return refuse(fmt::format("{} is empty; it needs 1 to {} characters", what, max_length));
  if (word.size() > max_length)
    return refuse(
        fmt::format("{} {} has {} characters; at most {} are allowed", what, in_quotes(word), word.size(), max_length));
  for (char c : word) {
    bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   others.find(c) != std::string_view::npos;
    if (!allowed)
      return refuse(fmt::format("{} {} may hold only ASCII letters, digits and '{}'", what, in_quotes(word), others));
  }
  return {};
}

Expected<> check_reference(std::string_view what, std::string_view reference) {
  if (reference.empty()) return refuse(fmt::format("no {} is given; it needs an id or a name", what));
  return check_name(fmt::format("the {}", what), reference);
}

Expected<> check_amount(std::string_view what, int64_t value, int64_t least, int64_t most) {
  if (value >= least && value <= most) return {};
  return refuse(fmt::format("{} is {}; it must be from {} to {}", what, value, least, most));
}

Expected<> check_limit(uint32_t limit) { return check_amount("the limit", limit, 1, kMaxPageSize); }

Expected<> check_client_token(std::string_view token) {
  bool printable = std::ranges::all_of(token, [](char c) { return c > 0x20 && c < 0x7f; });
  if (printable && token.size() <= 64) return {};
  return refuse(fmt::format("the client token {} must be at most 64 printable ASCII characters", in_quotes(token)));
}

}  // namespace kilonova
