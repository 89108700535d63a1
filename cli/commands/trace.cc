#include <fmt/format.h>

#include <memory>

#include "cli/cli.h"
#include "cli/commands/command.h"
#include "cli/trace/log_trace.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string server;
  std::string logs;
  bool all_projects = false;
};

StepRecord step_of(const v1::StepRecord& step) {
  bool known = step.step() >= 1 && static_cast<size_t>(step.step()) <= launch_steps().size();
  return {.step = known ? static_cast<LaunchStep>(step.step()) : LaunchStep::kNone,
          .epoch = step.epoch(),
          .attempt = step.attempt(),
          .daemon = step.daemon(),
          .host = step.host(),
          .start = WallTime{step.start_us()},
          .duration = Duration{step.duration_us()},
          .fault = step.fault()};
}

std::string title_of(const v1::Server& server) {
  std::string title = fmt::format("{}  {}", server.name(), server.status());
  if (!server.host().empty()) title += " on " + server.host();
  return title;
}

Expected<LaunchTrace> trace_from_cloud(const Globals& globals, const Options& options) {
  auto session = Session::open(globals);
  if (!session) return std::unexpected(session.error());
  v1::GetLaunchRecordRequest request;
  request.set_server(options.server);
  request.set_all_projects(options.all_projects);
  auto reply = (*session)->call(&v1::Cloud::Stub::GetLaunchRecord, request);
  if (!reply) return std::unexpected(reply.error());
  LaunchTrace trace{.server = reply->server().id(), .title = title_of(reply->server()), .steps = {}};
  for (const v1::StepRecord& step : reply->steps()) trace.steps.push_back(step_of(step));
  sort_steps(trace);
  return trace;
}

Expected<int> show_trace(const Globals& globals, const Options& options) {
  Expected<LaunchTrace> trace =
      options.logs.empty() ? trace_from_cloud(globals, options) : trace_from_logs(options.logs, options.server);
  if (!trace) return std::unexpected(trace.error());
  if (globals.json)
    print_json(trace_json(*trace));
  else
    fmt::print("{}", render_trace(*trace, output_width()));
  return 0;
}

}  // namespace

void add_trace(CLI::App& app, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("trace", "The launch of a server, step by step");
  command->add_option("SERVER", options->server, "Name or id")->required();
  command->add_option("--from-logs", options->logs,
                      "Rebuild it from the log files of this state directory; needs no running cloud");
  command->add_flag("--all-projects", options->all_projects, "In any project (admins)");
  run_command(*command, globals, [options, &globals] { return show_trace(globals, *options); });
}

}  // namespace kilonova::cli
