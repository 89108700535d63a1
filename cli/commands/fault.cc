#include <fmt/format.h>

#include <memory>

#include "cli/cli.h"
#include "cli/commands/command.h"
#include "cli/commands/steps.h"
#include "cli/output/text.h"
#include "domain/launch_steps.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string step;
  std::string host;
  std::string server;
  int64_t count = -1;
  std::string delay;
  bool fails = false;
  bool aborts = false;
  std::string message;
};

Expected<v1::FaultRule> rule_of(const Options& options) {
  std::optional<LaunchStep> step = parse_launch_step(options.step);
  if (!step) return fail(ErrorCode::kInvalidArgument, unknown_step(options.step));
  v1::FaultRule rule;
  rule.set_step(static_cast<v1::LaunchStep>(*step));
  rule.set_host_pattern(options.host);
  rule.set_server_pattern(options.server);
  rule.set_count(options.count);
  if (!options.delay.empty()) {
    Expected<Duration> delay = parse_duration(options.delay);
    if (!delay) return std::unexpected(delay.error());
    rule.set_delay_us(delay->us);
  }
  // A delay alone is slow, not broken.
  rule.set_fails(options.delay.empty() || options.fails || options.aborts || !options.message.empty());
  rule.set_aborts(options.aborts);
  rule.set_message(options.message);
  return rule;
}

std::string effect_of(const v1::FaultRule& rule) {
  std::string effect = rule.delay_us() > 0 ? "delay " + format_duration(Duration{rule.delay_us()}) : "";
  bool fails = !rule.has_fails() || rule.fails();
  if (fails) effect += fmt::format("{}{}", effect.empty() ? "" : ", then ", rule.aborts() ? "abort" : "fail");
  return effect;
}

Records records_of(const google::protobuf::RepeatedPtrField<v1::FaultRule>& rules) {
  Records records({{"ID", "id", Align::kRight},
                   {"Step", "step"},
                   {"Host", "host_pattern"},
                   {"Server", "server_pattern"},
                   {"Effect", ""},
                   {"Left", "count", Align::kRight},
                   {"Struck", "struck", Align::kRight},
                   {"Message", "message", Align::kLeft, 1}});
  for (const v1::FaultRule& rule : rules)
    records.add({std::to_string(rule.id()), enum_text(v1::LaunchStep_Name(rule.step()), "LAUNCH_STEP_"),
                 rule.host_pattern().empty() ? "any" : rule.host_pattern(),
                 rule.server_pattern().empty() ? "any" : rule.server_pattern(), effect_of(rule),
                 rule.count() < 0 ? "until cleared" : std::to_string(rule.count()), std::to_string(rule.struck()),
                 rule.message()},
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

void add_add(CLI::App& noun, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = noun.add_subcommand("add", "Make launches fail, or slow, at a step");
  command->add_option("--step", options->step, "The step that fails or waits")
      ->required()
      ->check(CLI::IsMember(step_names()));
  command->add_option("--host", options->host, "Only on hosts of this name, from step run_cast on; * and ? stand for any")
      ->type_name("PATTERN");
  command->add_option("--server", options->server, "Only servers of this name; * and ? stand for any")
      ->type_name("PATTERN");
  command->add_option("--count", options->count, "Number of tries that it strikes; -1 = until cleared")->type_name("N");
  command->add_option("--delay", options->delay, "Wait first (250ms, 2s); alone it makes nothing fail")
      ->type_name("DURATION");
  command->add_flag("--fail", options->fails, "Fail after the delay");
  command->add_flag("--abort", options->aborts, "ERROR at once, instead of a try on another host");
  command->add_option("--message", options->message, "What the fault says")->type_name("TEXT");
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return add(session, *options, globals.style); });
}

}  // namespace

void add_fault(CLI::App& app, Globals& globals) {
  CLI::App& noun =
      add_noun(app, "fault", "Break launches and daemons on purpose: add, list, clear, kill, freeze, thaw, partition, heal");
  add_add(noun, globals);
  CLI::App* list_command = noun.add_subcommand("list", "All rules");
  run_with_session(*list_command, globals, [&globals](Session& session) { return list(session, globals.style); });
  auto id = std::make_shared<uint64_t>(0);
  CLI::App* clear_command = noun.add_subcommand("clear", "Remove one rule, or all");
  clear_command->add_option("ID", *id, "As listed; default: all");
  run_with_session(*clear_command, globals, [id](Session& session) { return clear(session, *id); });
}

}  // namespace kilonova::cli
