// kilonova wait: until something that a test needs is so.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "base/ascii.h"
#include "cli/check/cloud_check.h"
#include "cli/check/read_beliefs.h"
#include "cli/cli.h"
#include "cli/client/cloud_place.h"
#include "cli/client/launch_steps_poll.h"
#include "cli/client/watch.h"
#include "cli/client/watch_timer.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"
#include "cli/commands/steps.h"
#include "cli/logs/log_lines.h"
#include "daemon/step_line.h"
#include "domain/launch_steps.h"

namespace kilonova::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Duration kDay = seconds(86'400);

struct Options {
  std::vector<std::string> names;
  std::string goal;
  std::string step;
  uint64_t rule = 0;
  int64_t struck = 1;
  bool all_projects = false;
  Duration timeout;
};

Clock::time_point end_of(const Options& options) {
  return Clock::now() + std::chrono::microseconds(options.timeout.us > 0 ? options.timeout.us : kDay.us * 365);
}

std::unexpected<Error> too_late(const Options& options, const std::string& what) {
  return fail(ErrorCode::kDeadlineExceeded,
              fmt::format("after {} (--timeout) {}", format_duration(options.timeout), what));
}

// Until nothing is missing: asked when the watch stands, and again after each event that may have changed it. `missing`
// says what is, "" when nothing.
Expected<int> wait_for_news(Session& session, const Options& options,
                            const std::function<bool(const v1::CloudEvent&)>& concerns,
                            const std::function<Expected<std::string>()>& missing) {
  Watch watch(session, {.all_projects = true, .server = {}, .stable_only = true, .cloud_events = true});
  Expected<std::string> last = std::string("the cloud has not answered");
  auto look = [&] {
    last = missing();
    return last && !last->empty();
  };
  WatchHandler handler{.on_event = [](const v1::WatchEvent&) { return true; },
                       .on_cloud_event = [&](const v1::CloudEvent& event) { return !concerns(event) || look(); },
                       .on_gap = [&]() -> Expected<bool> { return look(); },
                       .on_standing =
                           [&] {
                             if (!look()) watch.cancel();
                           }};
  StatusLine line(false);
  Expected<> ended;
  {
    WatchTimer timer(options.timeout, line, watch);
    ended = watch.run(handler);
  }
  if (!last) return std::unexpected(last.error());
  if (last->empty()) return 0;
  return ended ? too_late(options, *last) : std::unexpected(ended.error());
}

Expected<int> wait_for_goal(Session& session, const Options& options, const OutputStyle& style) {
  WaitOptions wanted{
      .all_projects = options.all_projects, .timeout = options.timeout, .doing = style.is_text() ? "waiting" : ""};
  if (options.goal == "deleted") wanted.goal = WaitFor::kDeleted;
  if (options.goal == "active" || options.goal == "shutoff" || options.goal == "error") {
    wanted.goal = WaitFor::kStatus;
    wanted.status = to_upper(options.goal);
  }
  std::vector<std::string> ids;
  for (const std::string& name : options.names) {
    auto server = get_server(session, name, options.all_projects);
    bool gone = !server && server.error().code == ErrorCode::kNotFound && wanted.goal == WaitFor::kDeleted;
    if (!server && !gone) return std::unexpected(server.error());
    if (server) ids.push_back(server->id());
  }
  auto settled = wait_for_servers(session, ids, wanted);
  if (!settled) return std::unexpected(settled.error());
  if (wanted.goal == WaitFor::kDeleted || wanted.status == "ERROR") return 0;
  return report_failures(session, style, *settled, options.all_projects) ? kDone : kBadResult;
}

bool is_reached(const StepRecord& record, LaunchStep step) { return record.step >= step && record.fault.empty(); }

// Of a cloud whose logs are elsewhere.
Expected<int> wait_for_told_step(Session& session, const Options& options, const v1::Server& server, LaunchStep step) {
  LaunchStepsPoll steps(session, server.id(), options.all_projects);
  const auto end = end_of(options);
  for (;;) {
    auto fresh = steps.ask();
    if (!fresh) return std::unexpected(fresh.error());
    if (std::ranges::any_of(*fresh, [&](const StepRecord& record) { return is_reached(record, step); })) return 0;
    auto left = std::chrono::duration_cast<std::chrono::microseconds>(end - Clock::now()).count();
    if (left <= 0) return too_late(options, fmt::format("server {} has not done {}", server.name(), options.step));
    std::this_thread::sleep_for(std::chrono::microseconds(std::min(left, kAskForStepsAgain.us)));
  }
}

// The daemons write a step down when it is done; of a step that failed it is the try that counts, not the step.
Expected<int> wait_for_step(const Globals& globals, Session& session, const Options& options) {
  std::optional<LaunchStep> step = parse_launch_step(options.step);
  if (!step) return fail(ErrorCode::kInvalidArgument, unknown_step(options.step));
  auto place = cloud_place(globals);
  if (!place) return std::unexpected(place.error());
  auto server = get_server(session, options.names.front(), options.all_projects);
  if (!server) return std::unexpected(server.error());
  if (!place->endpoint.empty()) return wait_for_told_step(session, options, *server, *step);
  auto follower = LogFollower::open(place->state_dir + "/logs", {.daemons = {}, .texts = {server->id()}}, true);
  if (!follower) return std::unexpected(follower.error());
  auto end = end_of(options);
  for (bool reached = false;;) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    auto more = follower->wait(-1, static_cast<int>(std::clamp<int64_t>(left, 0, 1'000'000)), [&](const LogLine& line) {
      auto parsed = parse_step_line(line.text);
      if (parsed && is_reached(parsed->record, *step)) reached = true;
    });
    if (!more) return std::unexpected(more.error());
    if (reached) return 0;
    if (left <= 0) return too_late(options, fmt::format("server {} has not done {}", server->name(), options.step));
  }
}

Expected<int> wait_for_hosts(Session& session, const Options& options) {
  auto concerns = [&](const v1::CloudEvent& event) {
    return std::ranges::find(options.names, event.host()) != options.names.end();
  };
  return wait_for_news(session, options, concerns, [&]() -> Expected<std::string> {
    for (const std::string& name : options.names) {
      v1::ListHostsRequest request;
      request.set_host(name);
      auto reply = session.call(&v1::Cloud::Stub::ListHosts, request);
      if (!reply) return std::unexpected(reply.error());
      if (reply->hosts().empty()) return fail(ErrorCode::kNotFound, fmt::format("host '{}' not found", name));
      if (reply->hosts(0).up() != (options.goal == "up")) return fmt::format("host {} is not {}", name, options.goal);
    }
    return std::string();
  });
}

Expected<int> wait_for_strikes(Session& session, const Options& options) {
  auto concerns = [&](const v1::CloudEvent& event) { return event.fault_rule() == options.rule; };
  return wait_for_news(session, options, concerns, [&]() -> Expected<std::string> {
    auto reply = session.call(&v1::Cloud::Stub::ListFaults, v1::ListFaultsRequest());
    if (!reply) return std::unexpected(reply.error());
    for (const v1::FaultRule& rule : reply->rules()) {
      if (rule.id() != options.rule) continue;
      auto struck = static_cast<int64_t>(rule.struck());
      return struck >= options.struck ? std::string()
                                      : fmt::format("fault {} has struck {} of {}", rule.id(), struck, options.struck);
    }
    return fail(ErrorCode::kNotFound, fmt::format("there is no fault rule {}: see kilonova fault list", options.rule));
  });
}

Expected<int> wait_until_idle(Session& session, const Options& options) {
  CheckPorts ports{.look = [&session] { return read_beliefs(session); },
                   .sleep = [](Duration pause) { std::this_thread::sleep_for(std::chrono::microseconds(pause.us)); },
                   .now =
                       [] {
                         auto since = Clock::now().time_since_epoch();
                         return Instant{std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
                       }};
  auto result = check_cloud(ports, options.timeout.us > 0 ? options.timeout : kDay);
  if (!result) return std::unexpected(result.error());
  size_t moving = result->findings.in_motion.size();
  return moving == 0 ? Expected<int>(0) : too_late(options, fmt::format("{} servers are still in motion", moving));
}

void add_server_goal(CLI::App& noun, Globals& globals) {
  auto options = std::make_shared<Options>();
  options->goal = "settled";
  CLI::App* command = noun.add_subcommand("server", "Until servers are ACTIVE, SHUTOFF, in ERROR, deleted, or settled");
  command->add_option("SERVER", options->names, "Names or ids")->required();
  command
      ->add_option(
          "--for", options->goal,
          "settled: nothing is under way with it. Exit code 1 if a server ends in ERROR, or is deleted, instead")
      ->check(CLI::IsMember({"settled", "active", "shutoff", "error", "deleted"}));
  command->add_flag("--all-projects", options->all_projects, "In any project (admins)");
  add_timeout(*command, options->timeout);
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return wait_for_goal(session, *options, globals.style); });
}

void add_step_goal(CLI::App& noun, Globals& globals) {
  auto options = std::make_shared<Options>();
  options->names.resize(1);
  CLI::App* command = noun.add_subcommand("step", "Until a launch has done a step, or a later one");
  command->add_option("SERVER", options->names.front(), "Name or id")->required();
  command->add_option("STEP", options->step, "As kilonova trace names it: image_ready")->required();
  add_timeout(*command, options->timeout);
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return wait_for_step(globals, session, *options); });
}

void add_host_goal(CLI::App& noun, Globals& globals) {
  auto options = std::make_shared<Options>();
  options->goal = "up";
  CLI::App* command = noun.add_subcommand("host", "Until hosts are up, or down (admins)");
  command->add_option("HOST", options->names, "Names")->required();
  command->add_option("--for", options->goal, "What to wait for")->check(CLI::IsMember({"up", "down"}));
  add_timeout(*command, options->timeout);
  run_with_session(*command, globals, [options](Session& session) { return wait_for_hosts(session, *options); });
}

void add_other_goals(CLI::App& noun, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* fault = noun.add_subcommand("fault", "Until a fault rule has struck (admins)");
  fault->add_option("ID", options->rule, "As kilonova fault list shows it")->required();
  fault->add_option("--struck", options->struck, "How often")->type_name("N");
  add_timeout(*fault, options->timeout);
  run_with_session(*fault, globals, [options](Session& session) { return wait_for_strikes(session, *options); });
  auto idle_options = std::make_shared<Options>();
  CLI::App* idle = noun.add_subcommand("idle", "Until nothing is under way in the whole cloud (admins)");
  add_timeout(*idle, idle_options->timeout);
  run_with_session(*idle, globals,
                   [idle_options](Session& session) { return wait_until_idle(session, *idle_options); });
}

}  // namespace

void add_wait(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "wait", "Wait for something, with a time limit: server, step, host, fault, idle");
  noun.group("Launches");
  add_server_goal(noun, globals);
  add_step_goal(noun, globals);
  add_host_goal(noun, globals);
  add_other_goals(noun, globals);
}

}  // namespace kilonova::cli
