#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <ranges>
#include <span>
#include <thread>

#include "cli/cli.h"
#include "cli/client/cloud_place.h"
#include "cli/client/launch_records.h"
#include "cli/client/launch_steps_poll.h"
#include "cli/client/watch.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"
#include "cli/logs/log_lines.h"
#include "cli/output/text.h"
#include "cli/output/views.h"
#include "cli/trace/log_trace.h"
#include "cli/trace/trace_export.h"
#include "daemon/step_line.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string server;
  std::string logs;
  bool all = false;
  bool follow = false;
  bool article = false;
  bool all_projects = false;
  std::string as;  // "chrome", "otlp", "svg"; "" = as -f says
};

// "req-<uuid>"
Uuid request_of(std::string_view text) {
  if (text.starts_with("req-")) text.remove_prefix(4);
  return parse_uuid(text).value_or(Uuid{});
}

// Its create apart, which the steps tell.
Expected<> add_actions(Session& session, bool all_projects, LaunchTrace& trace) {
  v1::ListInstanceActionsRequest request;
  request.set_server(trace.server);
  request.set_all_projects(all_projects);
  auto reply = session.call(&v1::Cloud::Stub::ListInstanceActions, request);
  if (!reply) return std::unexpected(reply.error());
  const Uuid server = parse_uuid(trace.server).value_or(Uuid{});
  for (int i = reply->actions_size() - 2; i >= 0; --i) {
    const v1::InstanceAction& said = reply->actions(i);
    InstanceAction& action = trace.actions.emplace_back();
    action.instance = server;
    action.number = trace.actions.size();
    action.action = said.action();
    action.request_id = request_of(said.request_id());
    action.started_at = {said.started_at_us()};
    action.finished_at = {said.finished_at_us()};
    action.host = said.host();
    action.failed = said.failed();
    action.message = said.message();
    for (const v1::InstanceActionEvent& event : std::ranges::reverse_view(said.events()))
      action.events.push_back(
          {event.event(), {event.started_at_us()}, {event.finished_at_us()}, event.host(), event.failed()});
  }
  return {};
}

bool has_actions(const Options& options) { return options.as == "chrome" || options.as == "otlp"; }

LaunchTrace trace_of(const v1::GetLaunchRecordReply& record) {
  const v1::Server& server = record.server();
  LaunchTrace trace{
      .server = server.id(), .name = server.name(), .status = server.status(), .host = server.host(), .steps = {}};
  trace.trace_id = server.trace_id();
  for (const v1::StepRecord& step : record.steps()) trace.steps.push_back(step_of(step));
  sort_steps(trace);
  return trace;
}

// The directory of the cloud's logs; "" when it is elsewhere, or they cannot be read.
std::string own_logs(const Globals& globals) {
  auto place = cloud_place(globals);
  if (!place || !place->endpoint.empty()) return {};
  std::string logs = place->state_dir + "/logs";
  return ::access(logs.c_str(), R_OK) == 0 ? logs : std::string();
}

// The steps of a launch under way are stored when it ends; its daemons have written them down before.
void add_steps_so_far(LaunchTrace& trace, const std::string& logs) {
  if (trace.status != "BUILD" || logs.empty()) return;
  auto written = trace_from_logs(logs, trace.server);
  if (!written) return;
  trace.steps.insert(trace.steps.end(), written->steps.begin(), written->steps.end());
  sort_steps(trace);
}

Expected<LaunchTrace> trace_from_cloud(const Globals& globals, Session& session, const Options& options) {
  v1::GetLaunchRecordRequest request;
  request.set_server(options.server);
  request.set_all_projects(options.all_projects);
  auto reply = session.call(&v1::Cloud::Stub::GetLaunchRecord, request);
  if (!reply) return std::unexpected(reply.error());
  LaunchTrace trace = trace_of(*reply);
  add_steps_so_far(trace, own_logs(globals));
  if (has_actions(options))
    if (auto added = add_actions(session, options.all_projects, trace); !added) return std::unexpected(added.error());
  return trace;
}

Expected<int> write_file(const Options& options, std::span<const LaunchTrace> traces) {
  const bool has_steps = std::ranges::any_of(traces, [](const LaunchTrace& one) { return !one.steps.empty(); });
  if (!has_steps && options.all) return fail(ErrorCode::kNotFound, "no step of any launch is recorded");
  if (!has_steps)
    return fail(ErrorCode::kNotFound, fmt::format("no step of the launch of server {} is recorded", traces[0].server));
  print_text(options.as == "chrome" ? chrome_trace(traces)
             : options.as == "otlp" ? otlp_trace(traces)
                                    : svg_trace(traces[0]));
  return 0;
}

TraceView view_of(const OutputStyle& style, const Options& options) {
  return {.width = style.width(), .color = style.colored(), .article = options.article};
}

Expected<int> print_trace(const OutputStyle& style, const Options& options, const LaunchTrace& trace) {
  if (!options.as.empty()) return write_file(options, {&trace, 1});
  if (style.format != Format::kTable) return print_object(style, trace_json(trace));
  print_text(render_trace(trace, view_of(style, options)));
  return 0;
}

// Every launch, in one file for another viewer.
Expected<int> write_all(Session& session, const Options& options) {
  auto servers = list_servers(session, {.all_projects = options.all_projects});
  if (!servers) return std::unexpected(servers.error());
  std::vector<std::string> ids;
  for (const v1::Server& server : *servers) ids.push_back(server.id());
  std::vector<LaunchTrace> traces;
  auto read = for_each_launch_record(session, ids, options.all_projects, [&](const v1::GetLaunchRecordReply& record) {
    traces.push_back(trace_of(record));
    return true;
  });
  if (!read) return std::unexpected(read.error());
  for (LaunchTrace& trace : traces)
    if (auto added = add_actions(session, options.all_projects, trace);
        !added && added.error().code != ErrorCode::kNotFound)  // deleted since
      return std::unexpected(added.error());
  return write_file(options, traces);
}

// Every launch: CSV with a step a line, or JSON with a server a line.
Expected<int> trace_all(Session& session, const OutputStyle& style, const Options& options) {
  if (style.format == Format::kTable || style.format == Format::kYaml)
    return fail(ErrorCode::kInvalidArgument, "--all prints a line for each step or server: say -f csv, value or json");
  auto servers = list_servers(session, {.all_projects = options.all_projects});
  if (!servers) return std::unexpected(servers.error());
  std::vector<std::string> ids;
  for (const v1::Server& server : *servers) ids.push_back(server.id());
  if (style.format == Format::kCsv) print_text(row_line(style, step_titles()));
  auto read = for_each_launch_record(session, ids, options.all_projects, [&](const v1::GetLaunchRecordReply& record) {
    LaunchTrace trace = trace_of(record);
    if (style.is_document())
      print_text(json_line(trace_json(trace)));
    else
      for (const auto& row : step_rows(trace)) print_text(row_line(style, row));
    return true;
  });
  return read ? Expected<int>(0) : std::unexpected(read.error());
}

std::string step_text(const std::string& daemon, const StepRecord& record) {
  std::string host = record.host.empty() ? "" : " on " + one_line(record.host);
  std::string fault = record.fault.empty() ? "" : "  FAILED: " + one_line(without_prefix(record.fault));
  return fmt::format("{}  {:>2} {:<20} {}{}, {}{}\n", format_time(record.start).substr(11),
                     static_cast<size_t>(record.step), to_string(record.step), one_line(daemon), host,
                     format_duration(record.duration), fault);
}

// Steps as the daemons write them down, until `ended` can be read.
Expected<> follow_logs(const std::string& logs, const std::string& server, int ended, bool print) {
  auto follower = LogFollower::open(logs, {.daemons = {}, .texts = {server}}, true);
  if (!follower) return std::unexpected(follower.error());
  Expected<bool> more = true;
  while (more && *more) {
    more = follower->wait(ended, -1, [&](const LogLine& line) {
      auto step = parse_step_line(line.text);
      if (step && print) print_text(step_text(line.daemon, step->record));
    });
    (void)std::fflush(stdout);
  }
  return more ? Expected<>() : std::unexpected(more.error());
}

// Steps as the cloud tells them, likewise.
Expected<> follow_cloud(LaunchStepsPoll steps, int ended, bool print) {
  for (bool last = false;;) {
    auto fresh = steps.ask();
    if (!fresh) return std::unexpected(fresh.error());
    for (const StepRecord& step : *fresh)
      if (print) print_text(step_text(step.daemon, step));
    (void)std::fflush(stdout);
    if (last) return {};
    pollfd readable{.fd = ended, .events = POLLIN, .revents = 0};
    last = ::poll(&readable, 1, static_cast<int>(kAskForStepsAgain.us / 1'000)) > 0;
  }
}

// Until nothing is under way with the server; then the waterfall.
Expected<int> follow(const Globals& globals, Session& session, const Options& options) {
  auto server = get_server(session, options.server, options.all_projects);
  if (!server) return std::unexpected(server.error());
  auto own_session = Session::open(globals);  // the other one is the waiting thread's
  if (!own_session) return std::unexpected(own_session.error());
  int ended = ::eventfd(0, EFD_CLOEXEC);
  Expected<> waited;
  std::thread waiting([&] {
    auto settled = wait_for_servers(session, {server->id()}, {.all_projects = options.all_projects});
    if (!settled) waited = std::unexpected(settled.error());
    ::eventfd_write(ended, 1);
  });
  const bool print = globals.style.is_text();
  std::string logs = own_logs(globals);
  auto followed = logs.empty() ? follow_cloud({**own_session, server->id(), options.all_projects}, ended, print)
                               : follow_logs(logs, server->id(), ended, print);
  waiting.join();
  ::close(ended);
  if (!followed) return std::unexpected(followed.error());
  if (!waited) return std::unexpected(waited.error());
  if (print) print_text("\n");
  Options now = options;
  now.server = server->id();
  auto trace = trace_from_cloud(globals, session, now);
  return trace ? print_trace(globals.style, options, *trace) : std::unexpected(trace.error());
}

Expected<int> run_trace(const Globals& globals, const Options& options) {
  if (options.all != options.server.empty()) return fail(ErrorCode::kInvalidArgument, "say which SERVER, or --all");
  if (!options.as.empty() && options.follow)
    return fail(ErrorCode::kInvalidArgument, "--as writes a file of what was: without --follow");
  if (options.as == "svg" && options.all)
    return fail(ErrorCode::kInvalidArgument, "--as svg draws one launch: say which SERVER, or --as chrome or otlp");
  if (!options.logs.empty()) {
    if (options.all || options.follow)
      return fail(ErrorCode::kInvalidArgument,
                  "--from-logs is about one launch of the past: without --all and --follow");
    auto trace = trace_from_logs(options.logs, options.server);
    return trace ? print_trace(globals.style, options, *trace) : std::unexpected(trace.error());
  }
  auto session = Session::open(globals);
  if (!session) return std::unexpected(session.error());
  if (options.all && !options.as.empty()) return write_all(**session, options);
  if (options.all) return trace_all(**session, globals.style, options);
  if (options.follow) return follow(globals, **session, options);
  auto trace = trace_from_cloud(globals, **session, options);
  return trace ? print_trace(globals.style, options, *trace) : std::unexpected(trace.error());
}

}  // namespace

void add_trace(CLI::App& app, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("trace", "Show the launch of a server, step by step");
  command->group("Launches");
  command->add_option("SERVER", options->server, "Name or id");
  command->add_flag("--all", options->all,
                    "Of every server: CSV (a step a line), JSON (a server a line), --as chrome or otlp");
  command->add_flag("--follow", options->follow, "Show each step as it happens, until the launch ends");
  command
      ->add_option("--as", options->as,
                   "Write a file for other viewers: chrome for Perfetto and speedscope, otlp for OpenTelemetry, svg "
                   "for browsers")
      ->check(CLI::IsMember({"chrome", "otlp", "svg"}));
  command->add_flag("--article", options->article, "Show the step numbers of the 2011 article too");
  command
      ->add_option("--from-logs", options->logs,
                   "Rebuild it from the log files of this state directory; needs no running cloud")
      ->type_name("DIR");
  command->add_flag("--all-projects", options->all_projects, "In any project (admins)");
  run_command(*command, globals, [options, &globals] { return run_trace(globals, *options); });
}

}  // namespace kilonova::cli
