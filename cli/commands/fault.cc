#include <fmt/format.h>

#include <memory>

#include "cli/cli.h"
#include "cli/commands/command.h"
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
  if (!step) {
    std::string names;
    for (const LaunchStepInfo& info : launch_steps()) names += fmt::format("{}{}", names.empty() ? "" : ", ", info.name);
    return fail(ErrorCode::kInvalidArgument, fmt::format("step '{}' is none of {}", one_line(options.step), names));
  }
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

void print_rules(const google::protobuf::RepeatedPtrField<v1::FaultRule>& rules) {
  Table table({{"ID", Align::kRight}, {"Step"}, {"Host"}, {"Server"}, {"Effect"}, {"Left", Align::kRight},
               {"Struck", Align::kRight}, {"Message"}});
  for (const v1::FaultRule& rule : rules)
    table.add_row({std::to_string(rule.id()), enum_text(v1::LaunchStep_Name(rule.step()), "LAUNCH_STEP_"),
                   rule.host_pattern().empty() ? "any" : rule.host_pattern(),
                   rule.server_pattern().empty() ? "any" : rule.server_pattern(), effect_of(rule),
                   rule.count() < 0 ? "until cleared" : std::to_string(rule.count()), std::to_string(rule.struck()),
                   rule.message()});
  print_table(table);
}

Expected<int> add(Session& session, const Options& options, bool json) {
  Expected<v1::FaultRule> rule = rule_of(options);
  if (!rule) return std::unexpected(rule.error());
  v1::AddFaultRequest request;
  *request.mutable_rule() = std::move(*rule);
  auto reply = session.call(&v1::Cloud::Stub::AddFault, request);
  if (!reply) return std::unexpected(reply.error());
  if (json) {
    print_json(to_json(reply->rule()));
    return 0;
  }
  v1::ListFaultsReply one;
  *one.add_rules() = reply->rule();
  print_rules(one.rules());
  return 0;
}

Expected<int> list(Session& session, bool json) {
  auto reply = session.call(&v1::Cloud::Stub::ListFaults, v1::ListFaultsRequest());
  if (!reply) return std::unexpected(reply.error());
  if (json)
    print_json(list_to_json(reply->rules()));
  else
    print_rules(reply->rules());
  return 0;
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
  command->add_option("--step", options->step, "As in `kilonova trace`: guest_started, ...")->required();
  command->add_option("--host", options->host, "Only on hosts of this pattern (* and ?)");
  command->add_option("--server", options->server, "Only servers of this pattern (* and ?)");
  command->add_option("--count", options->count, "Tries to strike; -1 = until cleared")->capture_default_str();
  command->add_option("--delay", options->delay, "Wait first (250ms, 2s); alone it breaks nothing");
  command->add_flag("--fail", options->fails, "Fail after the delay");
  command->add_flag("--abort", options->aborts, "ERROR at once; else another host is tried");
  command->add_option("--message", options->message, "The fault's text");
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return add(session, *options, globals.json); });
}

}  // namespace

void add_fault(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "fault", "Break launches on purpose (admins): add, list, clear");
  add_add(noun, globals);
  CLI::App* list_command = noun.add_subcommand("list", "All rules");
  run_with_session(*list_command, globals, [&globals](Session& session) { return list(session, globals.json); });
  auto id = std::make_shared<uint64_t>(0);
  CLI::App* clear_command = noun.add_subcommand("clear", "Remove one rule, or all");
  clear_command->add_option("ID", *id, "As listed; default: all");
  run_with_session(*clear_command, globals, [id](Session& session) { return clear(session, *id); });
}

}  // namespace kilonova::cli
