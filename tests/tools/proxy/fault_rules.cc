#include "tests/tools/proxy/fault_rules.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "base/glob.h"
#include "domain/nouns/fault_rule.h"

namespace kilonova::proxy {
namespace {

std::string_view take_until(std::string_view& rest, char end) {
  std::string_view taken = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(rest.size(), taken.size() + 1));
  return taken;
}

bool set(Faults& faults, std::string_view kind, double value) {
  static const std::map<std::string_view, double Faults::*> kProbabilities{
      {"drop", &Faults::drop},
      {"repeat", &Faults::repeat},
      {"reorder", &Faults::reorder},
      {"delay", &Faults::delay},
      {"drop-frame", &Faults::drop_frame},
      {"repeat-frame", &Faults::repeat_frame},
      {"break", &Faults::break_connection},
  };
  if (kind == "longest-delay") {
    faults.longest_delay = microseconds(static_cast<int64_t>(value * 1000));
    return value > 0;
  }
  auto found = kProbabilities.find(kind);
  if (found == kProbabilities.end() || value < 0 || value > 1) return false;
  faults.*found->second = value;
  return true;
}

Expected<FaultRule> parse_rule(std::string_view line) {
  FaultRule rule;
  std::string_view rest = line;
  rule.from = take_until(rest, '>');
  rule.to = take_until(rest, ':');
  rule.message = take_until(rest, ' ');
  while (!rest.empty()) {
    std::string_view value = take_until(rest, ',');
    std::string_view kind = take_until(value, '=');
    double number = 0;
    auto read = std::from_chars(value.data(), value.data() + value.size(), number);
    if (read.ec != std::errc() || read.ptr != value.data() + value.size() || !set(rule.faults, kind, number))
      return fail(ErrorCode::kInvalidArgument, fmt::format("no fault: {}={}", kind, value));
  }
  if (rule.from.empty() || rule.to.empty() || rule.message.empty())
    return fail(ErrorCode::kInvalidArgument, "a rule is FROM>TO:MESSAGE KIND=P,...");
  return rule;
}

}  // namespace

Expected<FaultRules> FaultRules::parse(std::string_view text) {
  FaultRules rules;
  for (size_t number = 1; !text.empty(); ++number) {
    std::string_view line = take_until(text, '\n');
    if (line.empty() || line.starts_with('#')) continue;
    auto rule = parse_rule(line);
    if (!rule) return fail(ErrorCode::kInvalidArgument, fmt::format("line {}: {}", number, rule.error().message));
    rules.rules_.push_back(std::move(*rule));
  }
  return rules;
}

Faults FaultRules::of_message(PeerId from, PeerId to, std::string_view message) const {
  for (const FaultRule& rule : rules_)
    if (glob_matches(rule.from, to_string(from)) && glob_matches(rule.to, to_string(to)) &&
        glob_matches(rule.message, message))
      return rule.faults;
  return {};
}

Faults FaultRules::of_frame(PeerId from, PeerId to) const {
  for (const FaultRule& rule : rules_)
    if (rule.message == "*" && glob_matches(rule.from, to_string(from)) && glob_matches(rule.to, to_string(to)))
      return rule.faults;
  return {};
}

}  // namespace kilonova::proxy
