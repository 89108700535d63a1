#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <optional>

#include "cli/cli.h"
#include "cli/commands/command.h"
#include "cli/commands/steps.h"
#include "cli/output/text.h"
#include "domain/launch_steps.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string step;
  std::string action;
  std::string http;
  std::string daemon;
  std::string host;
  std::string server;
  std::string project;
  int64_t skip = 0;
  int64_t count = -1;
  double probability = 1;
  uint64_t seed = 1;
  std::string delay;
  bool fails = false;
  bool aborts = false;
  bool hangs = false;
  bool drops = false;
  bool loses_reply = false;
  bool crashes = false;
  std::optional<int64_t> status;
  std::optional<int64_t> retry_after;
  std::string message;
};

constexpr int64_t kServiceUnavailable = 503;

Expected<v1::FaultEffect> effect_of(const Options& options) {
  const int said = options.hangs + options.drops + options.loses_reply + options.crashes;
  if (said > 1)
    return fail(ErrorCode::kInvalidArgument, "say one of --hang, --drop, --lose-reply and --crash, not several");
  if (options.hangs) return v1::FAULT_EFFECT_HANG;
  if (options.drops) return v1::FAULT_EFFECT_DROP;
  if (options.loses_reply) return v1::FAULT_EFFECT_LOSE_REPLY;
  return options.crashes ? v1::FAULT_EFFECT_CRASH : v1::FAULT_EFFECT_UNSPECIFIED;
}

Expected<v1::FaultRule> rule_of(const Options& options) {
  v1::FaultRule rule;
  const int places = !options.step.empty() + !options.action.empty() + !options.http.empty();
  if (places != 1)
    return fail(ErrorCode::kInvalidArgument, "say where the fault strikes: one of --step, --action and --http");
  if (!options.step.empty()) {
    std::optional<LaunchStep> step = parse_launch_step(options.step);
    if (!step) return fail(ErrorCode::kInvalidArgument, unknown_step(options.step));
    rule.set_step(static_cast<v1::LaunchStep>(*step));
  }
  auto effect = effect_of(options);
  if (!effect) return std::unexpected(effect.error());
  rule.set_action(options.action);
  rule.set_http(options.http);
  rule.set_daemon_pattern(options.daemon);
  rule.set_host_pattern(options.host);
  rule.set_server_pattern(options.server);
  rule.set_project(options.project);
  rule.set_skip(options.skip);
  rule.set_count(options.count);
  rule.set_seed(options.seed);
  if (!(options.probability > 0 && options.probability <= 1))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the probability {} must be above 0, and 1 at most", options.probability));
  rule.set_per_million(std::max<int64_t>(1, std::llround(options.probability * 1e6)));
  if (!options.delay.empty()) {
    Expected<Duration> delay = parse_duration(options.delay);
    if (!delay) return std::unexpected(delay.error());
    rule.set_delay_us(delay->us);
  }
  rule.set_effect(*effect);
  // A delay alone is slow, not broken.
  const bool does_something = !options.delay.empty() || *effect != v1::FAULT_EFFECT_UNSPECIFIED;
  rule.set_fails(!does_something || options.fails || options.aborts || !options.message.empty() || options.status ||
                 options.retry_after);
  rule.set_aborts(options.aborts);
  rule.set_message(options.message);
  if (options.status) rule.set_status(*options.status);
  if (!options.status && rule.fails() && !options.http.empty()) rule.set_status(kServiceUnavailable);
  if (options.retry_after) rule.set_retry_after(*options.retry_after);
  return rule;
}

std::string place_text(const v1::FaultRule& rule) {
  if (!rule.http().empty()) return rule.http();
  if (!rule.action().empty()) return rule.action();
  return enum_text(v1::LaunchStep_Name(rule.step()), "LAUNCH_STEP_");
}

std::string only_text(const v1::FaultRule& rule) {
  std::string text;
  auto add = [&](std::string_view what, const std::string& pattern) {
    if (!pattern.empty()) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", what, pattern);
  };
  add("host", rule.host_pattern());
  add("server", rule.server_pattern());
  add("daemon", rule.daemon_pattern());
  add("project", rule.project());
  if (rule.skip() > 0) add("after", std::to_string(rule.skip()));
  if (rule.has_per_million() && rule.per_million() < 1'000'000)
    add("chance", fmt::format("{:g}", static_cast<double>(rule.per_million()) / 1e6));
  return text.empty() ? "-" : text;
}

std::string effect_text(const v1::FaultRule& rule) {
  std::string effect = rule.delay_us() > 0 ? "delay " + format_duration(Duration{rule.delay_us()}) : "";
  std::string then = enum_text(v1::FaultEffect_Name(rule.effect()), "FAULT_EFFECT_");
  if (!rule.has_fails() || rule.fails()) then = rule.aborts() ? "abort" : "fail";
  if (rule.status() != 0) then = std::to_string(rule.status());
  if (rule.has_retry_after() && rule.retry_after() >= 0) then += fmt::format(", Retry-After {}", rule.retry_after());
  if (!then.empty()) effect += fmt::format("{}{}", effect.empty() ? "" : ", then ", then);
  return effect;
}

Records records_of(const google::protobuf::RepeatedPtrField<v1::FaultRule>& rules) {
  Records records({{"ID", "id", Align::kRight},
                   {"Where", ""},
                   {"Only", "", Align::kLeft, 1},
                   {"Effect", ""},
                   {"Left", "count", Align::kRight},
                   {"Reached", "reached", Align::kRight, 2},
                   {"Struck", "struck", Align::kRight},
                   {"Message", "message", Align::kLeft, 3}});
  for (const v1::FaultRule& rule : rules)
    records.add({std::to_string(rule.id()), place_text(rule), only_text(rule), effect_text(rule),
                 rule.count() < 0 ? "until cleared" : std::to_string(rule.count()), std::to_string(rule.reached()),
                 std::to_string(rule.struck()), rule.message()},
                to_json(rule));
  return records;
}

Expected<int> add(Session& session, const Options& options, const OutputStyle& style) {
  Expected<v1::FaultRule> rule = rule_of(options);
  if (!rule) return std::unexpected(rule.error());
  v1::AddFaultRequest request;
  *request.mutable_rule() = std::move(*rule);
  auto reply = session.call(&v1::Cloud::Stub::AddFault, request);
  if (!reply) return std::unexpected(reply.error());
  v1::ListFaultsReply one;
  *one.add_rules() = reply->rule();
  // One rule: one object, though its columns stand side by side.
  return style.is_document() ? print_object(style, to_json(reply->rule()))
                             : print_records(style, records_of(one.rules()));
}

Expected<int> list(Session& session, const OutputStyle& style) {
  auto reply = session.call(&v1::Cloud::Stub::ListFaults, v1::ListFaultsRequest());
  if (!reply) return std::unexpected(reply.error());
  return print_records(style, records_of(reply->rules()));
}

Expected<int> clear(Session& session, uint64_t id) {
  v1::ClearFaultsRequest request;
  request.set_id(id);
  auto reply = session.call(&v1::Cloud::Stub::ClearFaults, request);
  if (!reply) return std::unexpected(reply.error());
  return 0;
}

void add_places(CLI::App& command, Options& options) {
  command.add_option("--step", options.step, "A step of launches")->check(CLI::IsMember(step_names()));
  command.add_option("--action", options.action, "An action on servers, by its name: stop, reboot-hard, delete, ...")
      ->type_name("NAME");
  command
      .add_option("--http", options.http,
                  "Requests over HTTP, as METHOD and path; {x} stands for any one part of the path, a * at its end for "
                  "any rest, and a * as method for any")
      ->type_name("ROUTE");
  command
      .add_option("--host", options.host, "Only on hosts of this name, from step run_cast on; * and ? stand for any")
      ->type_name("PATTERN");
  command.add_option("--server", options.server, "Only servers of this name; * and ? stand for any")
      ->type_name("PATTERN");
  command.add_option("--daemon", options.daemon, "Only in daemons of this name; * and ? stand for any")
      ->type_name("PATTERN");
  command.add_option("--project", options.project, "Only servers, or requests, of this project; name or id");
}

void add_effects(CLI::App& command, Options& options) {
  command.add_option("--delay", options.delay, "Wait first (250ms, 2s); alone it makes nothing fail")
      ->type_name("DURATION");
  command.add_flag("--fail", options.fails, "Fail after the delay; what a fault does that says nothing else");
  command.add_flag("--abort", options.aborts, "ERROR at once, instead of a try on another host");
  command.add_flag("--hang", options.hangs, "Wait until the rule is cleared");
  command.add_flag("--drop", options.drops, "Lose the message that goes out, or the request with its connection");
  command.add_flag("--lose-reply", options.loses_reply, "Do it, and lose the answer");
  command.add_flag("--crash", options.crashes, "Kill the daemon; needs --count");
  command.add_option("--status", options.status, "Of the answer to an HTTP request; default: 503")->type_name("N");
  command.add_option("--retry-after", options.retry_after, "Seconds, in the answer to an HTTP request")->type_name("N");
  command.add_option("--message", options.message, "What the fault says")->type_name("TEXT");
}

void add_add(CLI::App& noun, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = noun.add_subcommand("add", "Make a step, an action or a request fail, slow, hang or get lost");
  add_places(*command, *options);
  command->add_option("--skip", options->skip, "The first so many that reach it pass")->type_name("N");
  command->add_option("--count", options->count, "How many it strikes; -1 = until cleared")->type_name("N");
  command->add_option("--probability", options->probability, "Of those that reach it, above 0 to 1")->type_name("P");
  command->add_option("--seed", options->seed, "Which ones, where the probability is below 1")->type_name("N");
  add_effects(*command, *options);
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return add(session, *options, globals.style); });
}

}  // namespace

void add_fault(CLI::App& app, Globals& globals) {
  CLI::App& noun =
      add_noun(app, "fault", "Break things on purpose: add, list, clear, kill, freeze, thaw, partition, heal");
  add_add(noun, globals);
  CLI::App* list_command = noun.add_subcommand("list", "All rules, and how often each was reached and has struck");
  run_with_session(*list_command, globals, [&globals](Session& session) { return list(session, globals.style); });
  auto id = std::make_shared<uint64_t>(0);
  CLI::App* clear_command = noun.add_subcommand("clear", "Remove one rule, or all");
  clear_command->add_option("ID", *id, "As listed; default: all");
  run_with_session(*clear_command, globals, [id](Session& session) { return clear(session, *id); });
}

}  // namespace kilonova::cli
