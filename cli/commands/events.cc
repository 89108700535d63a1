// kilonova events: committed changes of servers, those of the past and those to come, and what happens to hosts and
// fault rules.
#include <fmt/format.h>

#include <memory>

#include "cli/cli.h"
#include "cli/client/watch.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"

namespace kilonova::cli {
namespace {

struct Options {
  bool follow = false;
  bool all_projects = false;
  std::optional<uint64_t> since;
  std::string server;
  bool explicit_since = false;
};

struct Position {
  uint64_t revision = 0;
  uint64_t generation = 0;
};

std::optional<uint64_t> last_number(const std::string& text) {
  size_t end = text.find_last_of("0123456789");
  if (end == std::string::npos) return std::nullopt;
  size_t before = text.find_last_not_of("0123456789", end);
  auto number = parse_integer(std::string_view(text).substr(before + 1, end - before));
  return number ? std::optional(static_cast<uint64_t>(*number)) : std::nullopt;
}

Json event_json(const v1::WatchEvent& event) {
  auto text_or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  return {{"kind", "server"},
          {"revision", event.revision()},
          {"time", to_iso8601(WallTime{event.time_us()})},
          {"server", event.server_id()},
          {"name", event.name()},
          {"status", event.status()},
          {"task_state", text_or_null(enum_text(v1::TaskState_Name(event.task_state()), "TASK_STATE_"))},
          {"power_state", text_or_null(enum_text(v1::PowerState_Name(event.power_state()), "POWER_STATE_"))},
          {"host", text_or_null(event.host())},
          {"epoch", event.epoch()},
          {"attempt", event.attempt()},
          {"step", text_or_null(enum_text(v1::LaunchStep_Name(event.step()), "LAUNCH_STEP_"))},
          {"deleted", event.deleted()},
          {"fault", text_or_null(event.fault())},
          {"project_id", event.project_id()}};
}

// One event on a line of its own, so that each can be printed as it comes.
std::string event_line(const OutputStyle& style, const v1::WatchEvent& event) {
  if (style.is_document()) return json_line(event_json(event));
  if (style.quiet) return fmt::format("{}\n", event.revision());
  std::string task = enum_text(v1::TaskState_Name(event.task_state()), "TASK_STATE_");
  if (style.format != Format::kTable)
    return row_line(style, {std::to_string(event.revision()), to_iso8601(WallTime{event.time_us()}), event.server_id(),
                            event.name(), event.status(), task, event.host(), std::to_string(event.epoch()),
                            event.deleted() ? "true" : "false", event.fault()});
  std::string status = event.deleted() ? "DELETED" : event.status();
  std::string text =
      fmt::format("{:>8}  {}  {}  {}{}{}", event.revision(), to_iso8601(WallTime{event.time_us()}).substr(11, 12),
                  painted(status, tone_of_status(status), style.colored()), one_line(event.name()),
                  task.empty() ? "" : ", " + task, event.host().empty() ? "" : " on " + one_line(event.host()));
  return text + (event.fault().empty() ? "" : ": " + one_line(event.fault())) + "\n";
}

Json event_json(const v1::CloudEvent& event) {
  std::string time = to_iso8601(WallTime{event.time_us()});
  if (!event.host().empty())
    return {{"kind", "host"}, {"time", std::move(time)}, {"host", event.host()}, {"up", event.up()}};
  return {{"kind", "fault"},
          {"time", std::move(time)},
          {"id", std::to_string(event.fault_rule())},
          {"struck", event.struck()}};
}

// CSV and bare values have a column for each field of a server's event: these are not in them.
std::string event_line(const OutputStyle& style, const v1::CloudEvent& event) {
  if (style.is_document()) return json_line(event_json(event));
  if (style.quiet || style.format != Format::kTable) return {};
  std::string what = event.host().empty()
                         ? fmt::format("fault {} has struck, {} in all", event.fault_rule(), event.struck())
                         : fmt::format("host {} is {}", one_line(event.host()), event.up() ? "up" : "down");
  return fmt::format("{:>8}  {}  {}\n", "", to_iso8601(WallTime{event.time_us()}).substr(11, 12), what);
}

Expected<Position> print_past(Session& session, const Options& options, const std::string& server,
                              const OutputStyle& style) {
  v1::ReadEventsRequest request;
  request.set_since(*options.since);
  request.set_all_projects(options.all_projects);
  for (;;) {
    auto page = session.call(&v1::Cloud::Stub::ReadEvents, request);
    // All that are kept: the cloud names the revision from which on it has them.
    if (!page && page.error().code == ErrorCode::kOutOfRange && !options.explicit_since) {
      auto oldest = last_number(page.error().message);
      if (oldest && *oldest > request.since()) {
        request.set_since(*oldest);
        continue;
      }
    }
    if (!page) return std::unexpected(page.error());
    request.set_generation(page->generation());
    for (const v1::WatchEvent& event : page->events()) {
      request.set_since(event.revision());
      if (server.empty() || event.server_id() == server) print_text(event_line(style, event));
    }
    if (page->events().empty()) return Position{std::max(page->revision(), request.since()), page->generation()};
  }
}

Expected<int> events(Session& session, const Options& options, const OutputStyle& style) {
  std::string server;
  if (!options.server.empty()) {
    auto found = get_server(session, options.server, options.all_projects);
    if (!found) return std::unexpected(found.error());
    server = found->id();
  }
  if (style.format == Format::kCsv)
    print_text(row_line(
        style, {"revision", "time", "server", "name", "status", "task_state", "host", "epoch", "deleted", "fault"}));
  Options past = options;
  past.explicit_since = options.since.has_value();
  if (!options.since && !options.follow) past.since = 0;
  Position position;
  if (past.since) {
    auto printed = print_past(session, past, server, style);
    if (!printed) return std::unexpected(printed.error());
    position = *printed;
  }
  if (!options.follow) return 0;
  // Who reads it through a pipe is not to wait for the first one that comes.
  if (auto flushed = flush_output(); !flushed) return std::unexpected(flushed.error());
  WatchOptions watched{.since = position.revision,
                       .generation = position.generation,
                       .all_projects = options.all_projects,
                       .server = server,
                       .stable_only = false};
  watched.cloud_events = options.all_projects && server.empty();
  Expected<> printed;
  auto print_event = [&](const auto& event) {
    print_text(event_line(style, event));
    printed = flush_output();
    return printed.has_value();
  };
  WatchHandler handler{.on_event = [&](const v1::WatchEvent& event) { return print_event(event); },
                       .on_cloud_event = [&](const v1::CloudEvent& event) { return print_event(event); },
                       .on_gap = [&]() -> Expected<bool> {
                         return fail(
                             ErrorCode::kOutOfRange,
                             "events were missed: the cloud keeps a bounded number of them, or it went back to an "
                             "earlier state");
                       },
                       .on_standing = {}};
  Watch watch(session, watched);
  if (auto ended = watch.run(handler); !ended) return std::unexpected(ended.error());
  return printed ? Expected<int>(0) : std::unexpected(printed.error());
}

}  // namespace

void add_events(CLI::App& app, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("events", "Print every committed change of servers, one per line (JSON lines with -f json)");
  command->group("Launches");
  command->add_flag("--follow", options->follow, "Go on with those to come, until Ctrl-C");
  command
      ->add_option("--since", options->since,
                   "Those after this revision; default: all that are kept, or with --follow none")
      ->type_name("REVISION");
  command->add_option("--server", options->server, "Only those of this server, by name or id")->type_name("SERVER");
  command->add_flag("--all-projects", options->all_projects, "Of every project; with --follow also hosts that go up or down, and faults that strike (admins)");
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return events(session, *options, globals.style); });
}

}  // namespace kilonova::cli
