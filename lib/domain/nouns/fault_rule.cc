#include "domain/nouns/fault_rule.h"

#include <fmt/format.h>


namespace kilonova {
namespace {

constexpr int64_t kMaxFaultDelayUs = 86'400'000'000;

std::string fault_steps() {
  std::string names;
  for (const LaunchStepInfo& info : launch_steps()) {
    if (!can_strike(info.step)) continue;
    if (!names.empty()) names += ", ";
    names += info.name;
  }
  return names;
}

}  // namespace

bool can_strike(LaunchStep step) { return step >= LaunchStep::kRequestAccepted && step <= LaunchStep::kActive; }

Expected<> AddFault::check() const {
  if (!can_strike(rule.step))
    return refuse(fmt::format("no fault can strike at step {}; it must be one of {}",
                              rule.step <= LaunchStep::kActive ? in_quotes(to_string(rule.step))
                                                               : std::to_string(static_cast<int>(rule.step)),
                              fault_steps()));
  if (rule.step < LaunchStep::kRunCast && !rule.host_pattern.empty())
    return refuse(fmt::format("the host pattern {} is of no use at step {}: no host is known before {}",
                              in_quotes(rule.host_pattern), to_string(rule.step), to_string(LaunchStep::kRunCast)));
  if (rule.count != -1 && rule.count < 1)
    return refuse(fmt::format("the count of the fault is {}; it must be 1 or more, or -1 for no limit", rule.count));
  if (!rule.fails && rule.delay == Duration{}) return refuse("the fault does nothing: let it fail, or give it a delay");
  if (!rule.fails && rule.aborts) return refuse("the fault aborts but does not fail: an abort is a kind of failure");
  return check_all(check_amount("the delay (microseconds)", rule.delay.us, 0, kMaxFaultDelayUs),
                   check_text("the host pattern", rule.host_pattern),
                   check_text("the server pattern", rule.server_pattern),
                   check_text("the fault's message", rule.message));
}

Expected<> ListFaults::check() const { return {}; }
Expected<> ClearFaults::check() const { return {}; }

}  // namespace kilonova
