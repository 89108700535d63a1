#include "scheduler/core/python_object.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace kilonova::scheduler {
namespace {

// Of bool, int and float; True is 1.
std::optional<PythonNumber> number_of(const PythonValue& value) {
  if (const bool* truth = value.as<bool>()) return PythonNumber(int64_t{*truth});
  if (const int64_t* integer = value.as<int64_t>()) return PythonNumber(*integer);
  if (const double* real = value.as<double>()) return PythonNumber(*real);
  return std::nullopt;
}

std::partial_ordering compare_integer(int64_t integer, double real) {
  if (std::isnan(real)) return std::partial_ordering::unordered;
  constexpr double kTwoTo63 = 9223372036854775808.0;
  if (real >= kTwoTo63) return std::partial_ordering::less;
  if (real < -kTwoTo63) return std::partial_ordering::greater;
  const double whole = std::floor(real);
  const auto rounded = static_cast<int64_t>(whole);
  if (integer != rounded) return integer < rounded ? std::partial_ordering::less : std::partial_ordering::greater;
  return real > whole ? std::partial_ordering::less : std::partial_ordering::equivalent;
}

bool holds(std::partial_ordering between, PythonOrder order) {
  switch (order) {
    case PythonOrder::kLess: return between == std::partial_ordering::less;
    case PythonOrder::kLessOrEqual: return between <= 0;
    case PythonOrder::kGreater: return between == std::partial_ordering::greater;
    case PythonOrder::kGreaterOrEqual: return between >= 0;
  }
  return false;
}

std::string_view sign_of(PythonOrder order) {
  switch (order) {
    case PythonOrder::kLess: return "<";
    case PythonOrder::kLessOrEqual: return "<=";
    case PythonOrder::kGreater: return ">";
    case PythonOrder::kGreaterOrEqual: return ">=";
  }
  return "";
}

std::partial_ordering order_of(auto a, auto b) { return a <=> b; }

PythonResult<bool> compare_lists(const PythonList& a, PythonOrder order, const PythonList& b) {
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (!python_equal(a[i], b[i])) return python_compare(a[i], order, b[i]);
  return holds(order_of(a.size(), b.size()), order);
}

bool equal_lists(const PythonList& a, const PythonList& b) {
  return std::ranges::equal(a, b, [](const PythonValue& x, const PythonValue& y) { return python_equal(x, y); });
}

bool equal_dicts(const PythonDict& a, const PythonDict& b) {
  return a.items.size() == b.items.size() && std::ranges::all_of(a.items, [&](const PythonItem& item) {
           const PythonValue* other = b.find(item.key);
           return other != nullptr && python_equal(item.value, *other);
         });
}

// One character of a str's repr, in UTF-8 from `at` on; moves `at` behind it. Of characters beyond Latin-1 all count as
// printable.
void append_character(std::string& out, std::string_view text, size_t& at, char quote) {
  const char c = text[at++];
  const auto byte = static_cast<unsigned char>(c);
  if (c == quote || c == '\\') {
    out += '\\';
    out += c;
  } else if (c == '\n') {
    out += "\\n";
  } else if (c == '\r') {
    out += "\\r";
  } else if (c == '\t') {
    out += "\\t";
  } else if (byte < 0x20 || byte == 0x7f) {
    out += fmt::format("\\x{:02x}", byte);
  } else if (byte == 0xc2 && at < text.size() &&
             (static_cast<unsigned char>(text[at]) <= 0xa0 || static_cast<unsigned char>(text[at]) == 0xad)) {
    out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at++]));
  } else {
    out += c;
  }
}

std::string repr_of(const std::string& text) {
  const char quote = text.contains('\'') && !text.contains('"') ? '"' : '\'';
  std::string out(1, quote);
  for (size_t at = 0; at < text.size();) append_character(out, text, at, quote);
  return out + quote;
}

std::string repr_of(const PythonList& list) {
  std::string out = "[";
  for (const PythonValue& value : list) out += (out.size() > 1 ? ", " : "") + python_repr(value);
  return out + "]";
}

std::string repr_of(const PythonDict& dict) {
  std::string out = "{";
  for (const PythonItem& item : dict.items)
    out += (out.size() > 1 ? ", " : "") + repr_of(item.key) + ": " + python_repr(item.value);
  return out + "}";
}

}  // namespace

PythonDict::PythonDict() = default;
PythonDict::PythonDict(const PythonDict& other) = default;
PythonDict::PythonDict(PythonDict&& other) noexcept = default;
PythonDict& PythonDict::operator=(const PythonDict& other) = default;
PythonDict& PythonDict::operator=(PythonDict&& other) noexcept = default;
PythonDict::~PythonDict() = default;

const PythonValue* PythonDict::find(std::string_view key) const {
  auto found = std::ranges::find(items, key, &PythonItem::key);
  return found == items.end() ? nullptr : &found->value;
}

void PythonDict::set(std::string key, PythonValue value) {
  auto found = std::ranges::find(items, key, &PythonItem::key);
  if (found == items.end()) {
    items.push_back({std::move(key), std::move(value)});
  } else {
    found->value = std::move(value);
  }
}

double to_double(const PythonNumber& number) {
  return std::visit([](auto value) { return static_cast<double>(value); }, number);
}

std::partial_ordering compare_numbers(const PythonNumber& a, const PythonNumber& b) {
  const int64_t* left = std::get_if<int64_t>(&a);
  const int64_t* right = std::get_if<int64_t>(&b);
  if (left != nullptr && right != nullptr) return *left <=> *right;
  if (left != nullptr) return compare_integer(*left, std::get<double>(b));
  if (right != nullptr) return 0 <=> compare_integer(*right, std::get<double>(a));
  return std::get<double>(a) <=> std::get<double>(b);
}

std::string_view python_type(const PythonValue& value) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"NoneType", "bool", "int", "float", "str", "list", "dict"});
  if (const auto* instance = value.as<PythonInstance>()) return instance->type;
  return kNames[value.variant().index()];
}

bool python_truth(const PythonValue& value) {
  if (auto number = number_of(value)) return to_double(*number) != 0;
  if (const auto* text = value.as<std::string>()) return !text->empty();
  if (const auto* list = value.as<PythonList>()) return !list->empty();
  if (const auto* dict = value.as<PythonDict>()) return !dict->items.empty();
  if (const auto* instance = value.as<PythonInstance>()) return instance->truth;
  return false;
}

std::string python_repr(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 40> buffer;
  char* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  const std::string_view text(buffer.data(), static_cast<size_t>(end - buffer.data()));
  int exponent = 0;
  const size_t e = text.find('e');
  const char* digits = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(digits, text.data() + text.size(), exponent);
  // Scientific from 1e16 on and below 1e-4; otherwise with at least one digit behind the point.
  if (exponent < -4 || exponent >= 16)
    return fmt::format("{}e{}{:02}", text.substr(0, e), exponent < 0 ? '-' : '+', std::abs(exponent));
  std::array<char, 64> fixed;
  end = std::to_chars(fixed.data(), fixed.data() + fixed.size(), value, std::chars_format::fixed).ptr;
  std::string plain(fixed.data(), end);
  return plain.contains('.') ? plain : plain + ".0";
}

std::string python_repr(const PythonValue& value) {
  if (const bool* truth = value.as<bool>()) return *truth ? "True" : "False";
  if (const int64_t* integer = value.as<int64_t>()) return fmt::format("{}", *integer);
  if (const double* real = value.as<double>()) return python_repr(*real);
  if (const auto* text = value.as<std::string>()) return repr_of(*text);
  if (const auto* list = value.as<PythonList>()) return repr_of(*list);
  if (const auto* dict = value.as<PythonDict>()) return repr_of(*dict);
  if (const auto* instance = value.as<PythonInstance>()) return instance->text;
  return "None";
}

std::string python_str(const PythonValue& value) {
  const auto* text = value.as<std::string>();
  return text != nullptr ? *text : python_repr(value);
}

bool python_equal(const PythonValue& a, const PythonValue& b) {
  const auto left = number_of(a), right = number_of(b);
  if (left && right) return compare_numbers(*left, *right) == 0;
  if (a.variant().index() != b.variant().index()) return false;
  if (const auto* text = a.as<std::string>()) return *text == *b.as<std::string>();
  if (const auto* list = a.as<PythonList>()) return equal_lists(*list, *b.as<PythonList>());
  if (const auto* dict = a.as<PythonDict>()) return equal_dicts(*dict, *b.as<PythonDict>());
  if (const auto* instance = a.as<PythonInstance>())
    return instance->type == b.as<PythonInstance>()->type && instance->text == b.as<PythonInstance>()->text;
  return true;  // None
}

PythonResult<bool> python_compare(const PythonValue& a, PythonOrder order, const PythonValue& b) {
  const auto left = number_of(a), right = number_of(b);
  if (left && right) return holds(compare_numbers(*left, *right), order);
  if (a.variant().index() == b.variant().index()) {
    if (const auto* text = a.as<std::string>())
      return holds(order_of(std::string_view(*text), *b.as<std::string>()), order);
    if (const auto* list = a.as<PythonList>()) return compare_lists(*list, order, *b.as<PythonList>());
    const auto* instance = a.as<PythonInstance>();
    if (instance != nullptr && instance->ordered && instance->type == b.as<PythonInstance>()->type)
      return holds(order_of(std::string_view(instance->text), b.as<PythonInstance>()->text), order);
  }
  return raise("TypeError", fmt::format("'{}' not supported between instances of '{}' and '{}'", sign_of(order),
                                        python_type(a), python_type(b)));
}

}  // namespace kilonova::scheduler
