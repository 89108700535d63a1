#include "scheduler/core/nova/version_predicate.h"

#include <fmt/format.h>

#include <algorithm>

#include "scheduler/core/python_values.h"

namespace kilonova::scheduler::nova {
namespace {

// Takes a number from the front.
std::optional<int64_t> take_number(std::string_view& text) {
  const size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  if (end == 0) return std::nullopt;
  const std::optional<int64_t> number = python_int(text.substr(0, end));
  text.remove_prefix(end);
  return number;
}

bool holds(std::string_view sign, std::strong_ordering order) {
  if (sign == "<") return order < 0;
  if (sign == "<=") return order <= 0;
  if (sign == "==") return order == 0;
  if (sign == "!=") return order != 0;
  if (sign == ">=") return order >= 0;
  return order > 0;
}

}  // namespace

std::optional<StrictVersion> StrictVersion::parse(std::string_view text) {
  StrictVersion version;
  if (text.ends_with('\n')) text.remove_suffix(1);  // as `$` of Python's regular expressions
  size_t places = 0;
  while (true) {
    std::optional<int64_t> number = take_number(text);
    if (!number || places == version.numbers.size()) return std::nullopt;
    version.numbers[places++] = *number;
    if (!text.starts_with('.')) break;
    text.remove_prefix(1);
  }
  if (places < 2) return std::nullopt;
  if (text.starts_with('a') || text.starts_with('b')) {
    const char letter = text.front();
    text.remove_prefix(1);
    std::optional<int64_t> number = take_number(text);
    if (!number) return std::nullopt;
    version.prerelease = {letter, *number};
  }
  if (!text.empty()) return std::nullopt;
  return version;
}

std::optional<VersionPredicate> VersionPredicate::parse(std::string_view text) {
  VersionPredicate predicate;
  std::string_view rest = text;
  while (true) {
    const size_t comma = rest.find(',');
    std::string_view condition = python_strip(rest.substr(0, comma));
    std::string_view sign = condition.substr(0, 2);
    if (sign != "<=" && sign != ">=" && sign != "!=" && sign != "==") sign = condition.substr(0, 1);
    if (sign.empty() || (sign.size() == 1 && sign != "<" && sign != ">")) return std::nullopt;
    std::optional<StrictVersion> version = StrictVersion::parse(python_strip(condition.substr(sign.size())));
    if (!version) return std::nullopt;
    predicate.conditions_.push_back({std::string(sign), *version});
    if (comma == rest.npos) return predicate;
    rest.remove_prefix(comma + 1);
  }
}

PythonResult<bool> VersionPredicate::satisfied_by(std::string_view version) const {
  const std::optional<StrictVersion> parsed = StrictVersion::parse(version);
  if (!parsed) return raise("ValueError", fmt::format("invalid version number '{}'", version));
  return std::ranges::all_of(
      conditions_, [&](const Condition& condition) { return holds(condition.sign, *parsed <=> condition.version); });
}

std::string version_text(int64_t version) {
  std::string text;
  for (; version != 0; version /= 1000) text = fmt::format("{}{}{}", version % 1000, text.empty() ? "" : ".", text);
  return text;
}

}  // namespace kilonova::scheduler::nova
