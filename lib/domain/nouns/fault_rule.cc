#include "domain/nouns/fault_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/random.h"
#include "domain/http_route.h"

namespace kilonova {
namespace {

constexpr int64_t kMaxFaultDelayUs = 86'400'000'000;
constexpr int64_t kMaxRetryAfter = 86'400;

// Where a message goes out that can be lost, and where an answer comes that can.
constexpr std::array kDropSteps{LaunchStep::kRequestAccepted, LaunchStep::kScheduleCast, LaunchStep::kRunCast,
                                LaunchStep::kNetworkRequested, LaunchStep::kActive};
constexpr std::array kReplySteps{LaunchStep::kInstanceCreated, LaunchStep::kNetworkRequested, LaunchStep::kActive};
// No row of the table of actions: it may begin in every state.
constexpr std::string_view kDelete = "delete";
// Actions of which a host is only told to destroy a guest.
constexpr std::array<std::string_view, 4> kTerminations{kDelete, "shelve-offload", "confirm-resize", "revert-resize"};

template <class Is>
std::string step_names(Is is) {
  std::string names;
  for (const LaunchStepInfo& info : launch_steps()) {
    if (!is(info.step)) continue;
    if (!names.empty()) names += ", ";
    names += info.name;
  }
  return names;
}

Expected<> check_step(const FaultRule& rule) {
  if (!can_strike(rule.step))
    return refuse(fmt::format("no fault can strike at step {}; it must be one of {}",
                              rule.step <= LaunchStep::kActive ? in_quotes(to_string(rule.step))
                                                               : std::to_string(static_cast<int>(rule.step)),
                              step_names([](LaunchStep step) { return can_strike(step); })));
  if (rule.step < LaunchStep::kRunCast && !rule.host_pattern.empty())
    return refuse(fmt::format("the host pattern {} is of no use at step {}: no host is known before {}",
                              in_quotes(rule.host_pattern), to_string(rule.step), to_string(LaunchStep::kRunCast)));
  const bool drops = rule.effect == FaultEffect::kDrop, loses = rule.effect == FaultEffect::kLoseReply;
  const auto is_in = [&](const auto& steps) { return std::ranges::find(steps, rule.step) != steps.end(); };
  if (drops && !is_in(kDropSteps))
    return refuse(fmt::format(
        "no message of step {} can be dropped; it must be one of {}", to_string(rule.step),
        step_names([](LaunchStep step) { return std::ranges::find(kDropSteps, step) != kDropSteps.end(); })));
  if (loses && !is_in(kReplySteps))
    return refuse(fmt::format(
        "no reply of step {} can be lost; it must be one of {}", to_string(rule.step),
        step_names([](LaunchStep step) { return std::ranges::find(kReplySteps, step) != kReplySteps.end(); })));
  return {};
}

Expected<> check_action(const FaultRule& rule) {
  const ServerActionInfo* action = find_action(rule.action);
  if (rule.action != kDelete && action == nullptr)
    return refuse(fmt::format("no fault can strike the action {}; it must be one of {}", in_quotes(rule.action),
                              strikeable_actions()));
  if (rule.aborts) return refuse("an action has no other host to go to: let it fail instead of abort");
  if (rule.action == kDelete && rule.fails)
    return refuse("a delete that was accepted does not fail: let it be late, hang, be dropped, or crash the daemon");
  if (rule.effect == FaultEffect::kLoseReply && std::ranges::find(kTerminations, rule.action) != kTerminations.end())
    return refuse(fmt::format("no reply of {} can be lost: drop what is sent", rule.action));
  return {};
}

Expected<> check_http(const FaultRule& rule) {
  if (auto route = check_http_route(rule.http); !route) return route;
  if (!rule.host_pattern.empty() || !rule.server_pattern.empty() || !rule.daemon_pattern.empty())
    return refuse("a fault of HTTP requests has no pattern of hosts, servers or daemons: say the path, or a project");
  if (rule.aborts) return refuse("a request over HTTP cannot be aborted: let it fail with a status");
  if (rule.effect == FaultEffect::kCrash)
    return refuse("a request over HTTP cannot crash the daemon: use the step request_accepted");
  if (rule.fails && rule.effect == FaultEffect::kNone)
    return check_amount("the status of the answer", rule.status, 400, 599);
  return {};
}

Expected<> check_place(const FaultRule& rule) {
  const int places =
      (rule.step != LaunchStep::kNone ? 1 : 0) + (rule.action.empty() ? 0 : 1) + (rule.http.empty() ? 0 : 1);
  if (places > 1) return refuse("the fault strikes a step, or an action, or an HTTP request: give one of them");
  if (!rule.http.empty()) return check_http(rule);
  if (rule.status != 0 || rule.retry_after != -1)
    return refuse("a status and a Retry-After are of HTTP requests: say which, as in 'POST /compute/v2.1/servers'");
  return rule.action.empty() ? check_step(rule) : check_action(rule);
}

Expected<> check_effect(const FaultRule& rule) {
  if (!is_known(rule.effect))
    return refuse(fmt::format("the fault's effect {} is none; it must be 1 to 4: hang, drop, lose_reply, crash",
                              static_cast<int>(rule.effect)));
  if (!rule.fails && rule.delay == Duration{} && rule.effect == FaultEffect::kNone)
    return refuse("the fault does nothing: let it fail, or give it a delay");
  if (!rule.fails && rule.aborts) return refuse("the fault aborts but does not fail: an abort is a kind of failure");
  if (rule.fails && rule.effect != FaultEffect::kNone)
    return refuse(fmt::format("the fault fails and does {}: one of them is enough", in_quotes(to_string(rule.effect))));
  if (rule.effect == FaultEffect::kCrash && rule.count < 1)
    return refuse("a daemon that crashes until the rule is cleared never does anything again: give a count");
  return {};
}

}  // namespace

bool can_strike(LaunchStep step) { return step >= LaunchStep::kRequestAccepted && step <= LaunchStep::kActive; }

std::string strikeable_actions() {
  std::string names;
  for (const ServerActionInfo& action : server_actions()) {
    if (!names.empty()) names += ", ";
    names += action.name;
  }
  return names + ", " + std::string(kDelete);
}

Role daemon_of(const FaultRule& rule) {
  if (!rule.http.empty()) return Role::kApi;
  if (!rule.action.empty()) return Role::kCompute;
  return launch_steps().at(static_cast<size_t>(rule.step) - 1).daemon;
}

std::string_view place_of(const FaultRule& rule) {
  if (!rule.http.empty()) return rule.http;
  return rule.action.empty() ? to_string(rule.step) : std::string_view(rule.action);
}

InjectedFault injected(const FaultRule& rule) {
  return {.rule_id = rule.id,
          .step = rule.step,
          .host_pattern = rule.host_pattern,
          .delay = rule.delay,
          .fails = rule.fails,
          .aborts = rule.aborts,
          .message = rule.message,
          .daemon_pattern = rule.daemon_pattern,
          .effect = rule.effect};
}

bool count_reached(FaultRule& rule) {
  const auto number = static_cast<uint64_t>(rule.reached++);
  if (static_cast<int64_t>(number) < rule.skip || rule.count == 0) return false;
  if (rule.per_million < kAlways) {
    Random random(rule.seed, "fault rule", std::to_string(number));
    if (static_cast<int64_t>(random.below(kAlways)) >= rule.per_million) return false;
  }
  rule.struck += 1;
  if (rule.count > 0) rule.count -= 1;
  return true;
}

Expected<> AddFault::check() const {
  if (auto place = check_place(rule); !place) return place;
  if (rule.count != -1 && rule.count < 1)
    return refuse(fmt::format("the count of the fault is {}; it must be 1 or more, or -1 for no limit", rule.count));
  if (auto effect = check_effect(rule); !effect) return effect;
  return check_all(check_amount("the delay (microseconds)", rule.delay.us, 0, kMaxFaultDelayUs),
                   check_amount("how many pass first", rule.skip, 0),
                   check_amount("the probability (per million)", rule.per_million, 1, kAlways),
                   check_amount("Retry-After (seconds)", rule.retry_after, -1, kMaxRetryAfter),
                   check_text("the host pattern", rule.host_pattern),
                   check_text("the server pattern", rule.server_pattern),
                   check_text("the daemon pattern", rule.daemon_pattern), check_text("the project", rule.project),
                   check_text("the fault's message", rule.message));
}

Expected<> ListFaults::check() const { return {}; }
Expected<> ClearFaults::check() const { return {}; }

}  // namespace kilonova
