#include "scheduler/core/python_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string>

#include "base/ascii.h"

namespace kilonova::scheduler {
namespace {

// \t \n \v \f \r, the separators \x1c to \x1f, and the space.
bool is_blank(char c) { return (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= ' '); }
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
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> python_split(std::string_view text) {
  std::vector<std::string_view> words;
  for (text = python_strip(text); !text.empty(); text = python_strip(text)) {
    auto end = std::find_if(text.begin(), text.end(), is_blank);
    words.emplace_back(text.begin(), end);
    text.remove_prefix(words.back().size());
  }
  return words;
}

std::optional<double> python_float(std::string_view text) {
  text = python_strip(text);
  double sign = text.starts_with('-') ? -1 : 1;
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  std::string word = to_lower(std::string(text));
  if (word == "inf" || word == "infinity") return sign * std::numeric_limits<double>::infinity();
  if (word == "nan") return std::numeric_limits<double>::quiet_NaN();
  std::optional<Decimal> number = parse_decimal(text);
  if (!number) return std::nullopt;
  return sign * value_of(*number);
}

std::optional<int64_t> python_int(std::string_view text) {
  text = python_strip(text);
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
