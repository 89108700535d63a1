#include "scheduler/core/python_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <limits>
#include <string>

#include "base/ascii.h"
#include "base/utf8.h"

namespace kilonova::scheduler {
namespace {

// \t \n \v \f \r, the separators \x1c to \x1f, and the space.
bool is_ascii_blank(char c) { return (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= ' '); }

// The others for which str.isspace() holds.
constexpr auto kBlanks = std::to_array<std::string_view>(
    {"\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007",
     "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"});

// How many bytes of a blank `text` begins, or ends, with.
size_t blank_before(std::string_view text) {
  if (text.empty()) return 0;
  if (is_ascii_blank(text.front())) return 1;
  auto blank = std::ranges::find_if(kBlanks, [&](std::string_view one) { return text.starts_with(one); });
  return blank == kBlanks.end() ? 0 : blank->size();
}

size_t blank_behind(std::string_view text) {
  if (text.empty()) return 0;
  if (is_ascii_blank(text.back())) return 1;
  auto blank = std::ranges::find_if(kBlanks, [&](std::string_view one) { return text.ends_with(one); });
  return blank == kBlanks.end() ? 0 : blank->size();
}

// The zeros of the decimal digits of all scripts but ASCII's own; the nine others follow each.
constexpr auto kZeros = std::to_array<uint32_t>(
    {0x660,   0x6f0,   0x7c0,   0x966,   0x9e6,   0xa66,   0xae6,   0xb66,   0xbe6,   0xc66,   0xce6,
     0xd66,   0xde6,   0xe50,   0xed0,   0xf20,   0x1040,  0x1090,  0x17e0,  0x1810,  0x1946,  0x19d0,
     0x1a80,  0x1a90,  0x1b50,  0x1bb0,  0x1c40,  0x1c50,  0xa620,  0xa8d0,  0xa900,  0xa9d0,  0xa9f0,
     0xaa50,  0xabf0,  0xff10,  0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450,
     0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0,
     0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0});

// With the digits of other scripts as ASCII's, as int() and float() read them; what else is not ASCII is no part of a number.
std::string to_ascii_digits(std::string_view text) {
  std::string ascii;
  while (!text.empty()) {
    const uint32_t character = next_character(text);
    if (character < 0x80) {
      ascii += static_cast<char>(character);
      continue;
    }
    auto above = std::ranges::upper_bound(kZeros, character);
    const uint32_t digit = above == kZeros.begin() ? 10 : character - *std::prev(above);
    ascii += digit < 10 ? static_cast<char>('0' + digit) : '?';
  }
  return ascii;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes digits from the front of `text`, single underscores between them left out; false when there is no digit, or an
// underscore that is not between two.
bool take_digits(std::string_view& text, std::string& digits) {
  if (text.empty() || !is_digit(text.front())) return false;
  while (!text.empty() && (is_digit(text.front()) || text.front() == '_')) {
    if (text.front() == '_') {
      if (text.size() < 2 || !is_digit(text[1])) return false;
    } else {
      digits += text.front();
    }
    text.remove_prefix(1);
  }
  return true;
}

// A number as it is written, without its sign.
struct Decimal {
  std::string whole;
  std::string fraction;
  std::string exponent;
  bool negative_exponent = false;
};

std::optional<Decimal> parse_decimal(std::string_view text) {
  Decimal number;
  bool has_whole = take_digits(text, number.whole), has_fraction = false;
  if (!has_whole && text.starts_with('_')) return std::nullopt;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    has_fraction = take_digits(text, number.fraction);
  }
  if (!has_whole && !has_fraction) return std::nullopt;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    number.negative_exponent = text.starts_with('-');
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (!take_digits(text, number.exponent)) return std::nullopt;
  }
  if (!text.empty()) return std::nullopt;
  return number;
}

// Of a number beyond the range of doubles: whether it is too large, and not too small.
bool is_large(const Decimal& number) {
  constexpr int64_t kMost = 1'000'000;
  int64_t exponent = 0;
  for (char digit : number.exponent) exponent = std::min(exponent * 10 + (digit - '0'), kMost);
  if (number.negative_exponent) exponent = -exponent;
  std::string digits = number.whole + number.fraction;
  auto leading_zeros = static_cast<int64_t>(std::min(digits.find_first_not_of('0'), digits.size()));
  return static_cast<int64_t>(number.whole.size()) - leading_zeros + exponent > 0;
}

double value_of(const Decimal& number) {
  std::string text = number.whole + "." + number.fraction + "0";
  if (!number.exponent.empty()) text += (number.negative_exponent ? "e-" : "e") + number.exponent;
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) return is_large(number) ? std::numeric_limits<double>::infinity() : 0.0;
  return value;
}

}  // namespace

std::string_view python_strip(std::string_view text) {
  while (size_t blank = blank_before(text)) text.remove_prefix(blank);
  while (size_t blank = blank_behind(text)) text.remove_suffix(blank);
  return text;
}

std::vector<std::string_view> python_split(std::string_view text) {
  std::vector<std::string_view> words;
  for (text = python_strip(text); !text.empty(); text = python_strip(text)) {
    size_t end = 0;
    while (end < text.size() && blank_before(text.substr(end)) == 0) ++end;
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

std::optional<double> python_float(std::string_view given) {
  const std::string ascii = to_ascii_digits(python_strip(given));
  std::string_view text = ascii;
  double sign = text.starts_with('-') ? -1 : 1;
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  std::string word = to_lower(std::string(text));
  if (word == "inf" || word == "infinity") return sign * std::numeric_limits<double>::infinity();
  if (word == "nan") return std::numeric_limits<double>::quiet_NaN();
  std::optional<Decimal> number = parse_decimal(text);
  if (!number) return std::nullopt;
  return sign * value_of(*number);
}

std::optional<int64_t> python_int(std::string_view given) {
  const std::string ascii = to_ascii_digits(python_strip(given));
  std::string_view text = ascii;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::string digits = negative ? "-" : "";
  if (!take_digits(text, digits) || !text.empty()) return std::nullopt;
  int64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::result_out_of_range)
    return negative ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
  return value;
}

bool python_bool_from_string(std::string_view text) {
  static constexpr auto kTrue = std::to_array<std::string_view>({"1", "t", "true", "on", "y", "yes"});
  return std::ranges::find(kTrue, to_lower(std::string(python_strip(text)))) != kTrue.end();
}

}  // namespace kilonova::scheduler
