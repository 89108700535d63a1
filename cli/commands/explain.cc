#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/client/launch_records.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"
#include "cli/output/text.h"
#include "cli/trace/decision_view.h"
#include "cli/trace/host_verdicts_view.h"
#include "cli/trace/log_trace.h"
#include "rpc/convert/codecs.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::vector<std::string> servers;
  std::string logs;
  std::string file;
  bool all = false;
  bool all_projects = false;
  bool all_hosts = false;
};

constexpr uint32_t kHostsPerPage = 2000;

// The last decision that compared hosts, which its scheduler may be able to take again; null when there is none.
const v1::Decision* last_comparison(const v1::GetLaunchRecordReply& record) {
  const v1::Decision* last = nullptr;
  for (const v1::Decision& decision : record.decisions())
    if (!decision.from_alternates() && !decision.filters().empty()) last = &decision;
  return last;
}

// "scheduler-0": 0.
std::optional<uint32_t> scheduler_of(const v1::Decision& decision) {
  constexpr std::string_view kPrefix = "scheduler-";
  std::string_view name = decision.scheduler();
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  uint32_t index = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  return error == std::errc() && end == name.data() + name.size() ? std::optional(index) : std::nullopt;
}

Expected<v1::HostVerdicts> read_host_verdicts(Session& session, const std::string& server,
                                              const v1::Decision& decision) {
  const std::optional<uint32_t> scheduler = scheduler_of(decision);
  if (!scheduler)
    return fail(ErrorCode::kDataLoss, fmt::format("the decision names no scheduler, but '{}'", decision.scheduler()));
  v1::ReadHostVerdictsRequest request;
  rpc::encode(PeerId{Role::kScheduler, *scheduler}, request.mutable_daemon());
  request.set_server(server);
  request.set_epoch(decision.epoch());
  request.set_limit(kHostsPerPage);
  v1::HostVerdicts all;
  for (;;) {
    request.set_offset(static_cast<uint64_t>(all.verdicts_size()));
    auto reply = session.call(&v1::Cloud::Stub::ReadHostVerdicts, request);
    if (!reply) return std::unexpected(reply.error());
    all.set_total(reply->page().total());
    for (v1::HostVerdict& verdict : *reply->mutable_page()->mutable_verdicts()) all.add_verdicts()->Swap(&verdict);
    if (reply->page().verdicts().empty() || static_cast<uint64_t>(all.verdicts_size()) >= all.total()) return all;
  }
}

void print_decisions(const OutputStyle& style, const v1::GetLaunchRecordReply& record) {
  const v1::Server& server = record.server();
  bool color = style.colored();
  print("{} {}  {}{}\n", painted(one_line(server.name()), Tone::kTitle, color), server.id(),
        painted(server.status(), tone_of_status(server.status()), color),
        server.host().empty() ? "" : " on " + one_line(server.host()));
  if (server.has_fault()) {
    std::string fault = "fault: " + one_line(server.fault().message());
    if (std::string cause = cause_of(server); !cause.empty()) fault += " Cause: " + one_line(cause) + ".";
    for (const std::string& line : wrapped(fault, page_width())) print("{}\n", painted(line, Tone::kBad, color));
  }
  if (record.decisions().empty()) {
    // A forced host is nobody's choice; of a launch under way the host tells it with the first step that takes time.
    print("no scheduling decision recorded yet\n");
  }
  for (const v1::Decision& decision : record.decisions())
    print("\n{}", render_decision(decision, style.width(), color));
}

Json explain_json(const v1::GetLaunchRecordReply& record) {
  Json decisions = Json::array();
  for (const v1::Decision& decision : record.decisions()) decisions.push_back(decision_json(decision));
  Json server = to_json(record.server());
  return Json{{"server", record.server().id()}, {"name", record.server().name()}, {"status", record.server().status()},
              {"host", server["host"]},         {"fault", server["fault"]},       {"decisions", std::move(decisions)}};
}

Expected<int> explain(Session& session, const Options& options, const OutputStyle& style) {
  v1::GetLaunchRecordRequest request;
  request.set_server(options.servers.front());
  request.set_all_projects(options.all_projects);
  auto record = session.call(&v1::Cloud::Stub::GetLaunchRecord, request);
  if (!record) return std::unexpected(record.error());
  if (!options.all_hosts) {
    if (style.format != Format::kTable) return print_object(style, explain_json(*record));
    print_decisions(style, *record);
    return 0;
  }
  const v1::Decision* decision = last_comparison(*record);
  if (decision == nullptr)
    return fail(ErrorCode::kNotFound,
                fmt::format("no scheduler has compared hosts for '{}': there is no table of all of them",
                            options.servers.front()));
  auto verdicts = read_host_verdicts(session, record->server().id(), *decision);
  if (!verdicts) return std::unexpected(verdicts.error());
  if (style.format != Format::kTable) {
    Json whole = explain_json(*record);
    whole["all_hosts"] = host_verdicts_json(*decision, *verdicts);
    return print_object(style, whole);
  }
  print_decisions(style, *record);
  print("\n{}", render_host_verdicts(*decision, *verdicts, style.width(), style.colored()));
  return 0;
}

// From log files alone: what the schedulers wrote down.
Expected<int> explain_from_logs(const Options& options, const OutputStyle& style) {
  auto found = decisions_from_logs(options.logs, options.servers.front());
  if (!found) return std::unexpected(found.error());
  v1::GetLaunchRecordReply record;
  record.mutable_server()->set_id(found->server);
  record.mutable_server()->set_name(found->name);
  for (const Decision& decision : found->decisions) rpc::encode(decision, record.add_decisions());
  if (style.format != Format::kTable) return print_object(style, explain_json(record));
  print("{} {}\n", painted(found->name.empty() ? "server" : one_line(found->name), Tone::kTitle, style.colored()),
        found->server);
  for (const v1::Decision& decision : record.decisions())
    print("\n{}", render_decision(decision, style.width(), style.colored()));
  return 0;
}

// In the order that they were asked for; kNotFound for one that is not there.
Expected<std::vector<std::string>> ids_of(Session& session, const Options& options) {
  std::vector<std::string> ids;
  if (options.all) {
    auto servers = list_servers(session, {.all_projects = options.all_projects});
    if (!servers) return std::unexpected(servers.error());
    for (const v1::Server& server : *servers) ids.push_back(server.id());
  }
  for (const std::string& name : options.servers) {
    v1::GetServerRequest request;
    request.set_server(name);
    request.set_all_projects(options.all_projects);
    auto found = session.call(&v1::Cloud::Stub::GetServer, request);
    if (!found) return std::unexpected(found.error());
    ids.push_back(found->server().id());
  }
  return ids;
}

struct Written {
  size_t servers = 0;
  size_t decisions = 0;
};

// CSV with a decision a line, or JSON with a server a line.
Expected<Written> write_lines(Session& session, const Options& options, const OutputStyle& style,
                              const std::function<void(const std::string& text)>& write) {
  auto ids = ids_of(session, options);
  if (!ids) return std::unexpected(ids.error());
  Written written;
  if (style.format == Format::kCsv) write(row_line(style, decision_titles()));
  auto read = for_each_launch_record(session, *ids, options.all_projects, [&](const v1::GetLaunchRecordReply& record) {
    ++written.servers;
    written.decisions += static_cast<size_t>(record.decisions_size());
    if (style.is_document()) write(json_line(explain_json(record)));
    for (const v1::Decision& decision : record.decisions())
      if (!style.is_document()) write(row_line(style, decision_row(record.server(), decision)));
    return true;
  });
  return read ? Expected<Written>(written) : std::unexpected(read.error());
}

Expected<int> explain_many(Session& session, const Options& options, const OutputStyle& style) {
  if (style.format == Format::kTable || style.format == Format::kYaml)
    return fail(ErrorCode::kInvalidArgument,
                "of several servers there is a line for each decision or server: say -f csv, value or json, or "
                "--export FILE");
  auto written = write_lines(session, options, style, [](const std::string& text) { print_text(text); });
  return written ? Expected<int>(0) : std::unexpected(written.error());
}

// The form is that of the file's name, whatever is printed otherwise.
Expected<int> export_to_file(Session& session, const Options& options, OutputStyle style) {
  const bool prints = style.is_text();
  style.format = options.file.ends_with(".csv") ? Format::kCsv : Format::kJson;
  std::ofstream out(options.file);
  if (!out) return fail(ErrorCode::kDataLoss, fmt::format("{} cannot be written", options.file));
  auto written = write_lines(session, options, style, [&out](const std::string& text) { out << text; });
  if (!written) return std::unexpected(written.error());
  if (!out.flush()) return fail(ErrorCode::kDataLoss, fmt::format("{} cannot be written", options.file));
  if (prints) print("{}: {} servers, {} decisions\n", options.file, written->servers, written->decisions);
  return 0;
}

Expected<> check(const Options& options) {
  if (options.all != options.servers.empty()) return fail(ErrorCode::kInvalidArgument, "say which SERVER, or --all");
  if (!options.logs.empty() && (options.servers.size() != 1 || !options.file.empty()))
    return fail(ErrorCode::kInvalidArgument,
                "--from-logs is about one launch of the past: say one SERVER, without --all and --export");
  if (options.all_hosts && (options.servers.size() != 1 || !options.file.empty() || !options.logs.empty()))
    return fail(
        ErrorCode::kInvalidArgument,
        "--all-hosts is asked of the scheduler that decided on one launch: say one SERVER, without --all, --export and "
        "--from-logs");
  if (!options.file.empty() && !options.file.ends_with(".csv") && !options.file.ends_with(".jsonl"))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' says no form: the name of the file must end in .csv (a line for each decision) or "
                            ".jsonl (a line for each server)",
                            options.file));
  return {};
}

Expected<int> run_explain(const Globals& globals, const Options& options) {
  if (auto right = check(options); !right) return std::unexpected(right.error());
  if (!options.logs.empty()) return explain_from_logs(options, globals.style);
  auto session = Session::open(globals);
  if (!session) return std::unexpected(session.error());
  if (!options.file.empty()) return export_to_file(**session, options, globals.style);
  const bool one = options.servers.size() == 1;
  return one ? explain(**session, options, globals.style) : explain_many(**session, options, globals.style);
}

}  // namespace

void add_explain(CLI::App& app, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "explain", "Show why a server is on its host, or on none: the hosts left by each filter, the scores of the best");
  command->group("Launches");
  command->add_option("SERVER", options->servers, "Names or ids; of several there are lines, as with --all");
  command->add_flag("--all", options->all, "Of every server, as CSV (a decision a line) or JSON (a server a line)");
  command->add_flag(
      "--all-hosts", options->all_hosts,
      "Every host and the filter that left it out, as long as the scheduler remembers what they were (admins)");
  command->add_option("--export", options->file, "Write the lines to this file: .csv or .jsonl")->type_name("FILE");
  command->add_flag("--all-projects", options->all_projects, "In any project (admins)");
  command
      ->add_option("--from-logs", options->logs,
                   "Rebuild it from the log files of this state directory; needs no running cloud")
      ->type_name("DIR");
  run_command(*command, globals, [options, &globals] { return run_explain(globals, *options); });
}

}  // namespace kilonova::cli
