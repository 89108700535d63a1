#include "scheduler/core/nova/extra_specs_ops.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "scheduler/core/python_values.h"

namespace kilonova::scheduler {
namespace {

using Words = std::span<const std::string_view>;

// Python compares by code points, which is the order of the bytes of UTF-8.
struct TextOperator {
  std::string_view name;
  bool (*met)(std::string_view value, std::string_view operand);
};
constexpr auto kTextOperators = std::to_array<TextOperator>({
    {"<in>", [](std::string_view x, std::string_view y) { return x.find(y) != x.npos; }},
    {"s==", [](std::string_view x, std::string_view y) { return x == y; }},
    {"s!=", [](std::string_view x, std::string_view y) { return x != y; }},
    {"s<", [](std::string_view x, std::string_view y) { return x < y; }},
    {"s<=", [](std::string_view x, std::string_view y) { return x <= y; }},
    {"s>", [](std::string_view x, std::string_view y) { return x > y; }},
    {"s>=", [](std::string_view x, std::string_view y) { return x >= y; }},
});

struct NumberOperator {
  std::string_view name;
  bool (*met)(double value, double operand);
};
constexpr auto kNumberOperators = std::to_array<NumberOperator>({
    {"=", [](double x, double y) { return x >= y; }},
    {"==", [](double x, double y) { return x == y; }},
    {"!=", [](double x, double y) { return x != y; }},
    {">=", [](double x, double y) { return x >= y; }},
    {"<=", [](double x, double y) { return x <= y; }},
});

PythonResult<double> number(std::string_view text) {
  if (auto value = python_float(text)) return *value;
  return raise("ValueError", "could not convert string to float: " + python_repr(PythonValue(text)));
}

// Every second word is taken for another `<or>`, whatever it is.
PythonResult<bool> is_one_of(std::string_view value, Words words) {
  if (words.empty()) return raise("IndexError", "pop from empty list");
  for (size_t i = 0; i < words.size(); i += 2)
    if (words[i] == value) return true;
  return false;
}

}  // namespace

PythonResult<bool> extra_specs_match(std::string_view value, std::string_view required) {
  const std::vector<std::string_view> words = python_split(required);
  if (words.empty()) return value == required;
  const Words operands = Words(words).subspan(1);
  if (words[0] == "<or>") return is_one_of(value, operands);
  if (words[0] == "<all-in>")
    return !operands.empty() &&
           std::ranges::all_of(operands, [&](std::string_view word) { return value.find(word) != value.npos; });
  for (const TextOperator& text : kTextOperators)
    if (words[0] == text.name) return !operands.empty() && text.met(value, operands[0]);
  for (const NumberOperator& numeric : kNumberOperators) {
    if (words[0] != numeric.name) continue;
    if (operands.empty()) return false;
    PythonResult<double> left = number(value);
    if (!left) return std::unexpected(left.error());
    PythonResult<double> right = number(operands[0]);
    if (!right) return std::unexpected(right.error());
    return numeric.met(*left, *right);
  }
  return value == required;
}

}  // namespace kilonova::scheduler
