#include "cli/load/replay.h"

#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "cli/cli.h"
#include "cli/commands/command.h"
#include "cli/load/work_project.h"
#include "cli/output/read_file.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

constexpr size_t kListed = 20;  // notes in text; JSON has them all

struct Options {
  std::string file;
  std::string speed = "max";
  std::string columns;
  std::string project;
  bool ignore_departures = false;
  ReplayOptions replay;
};

Expected<std::optional<double>> parse_speed(const std::string& text) {
  if (text == "max" || text == "sequential") return std::nullopt;
  double speed = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), speed, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size() || !(speed > 0))
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format(
            "--speed '{}' is neither max, sequential nor a number above 0, as 60: a minute of the file in a second",
            one_line(text)));
  return speed;
}

// A cloud gives each physical core away several times unless told otherwise; a recorded workload had them to itself.
std::string ratio_warning(const v1::CloudStatus& status) {
  if (status.cpu_allocation_ratio() <= 1) return {};
  return fmt::format(
      "the cloud gives each core away {} times (cpu_allocation_ratio), where a recorded workload is of physical cores: "
      "for one server a core, kilonova up --cpu-allocation-ratio 1 --ram-allocation-ratio 1",
      status.cpu_allocation_ratio());
}

struct Report {
  ReplayPlan plan;
  ReplayResult result;
  std::vector<ReplayNote> refused;  // by us and by the cloud
  Failures reasons;
  std::string project;
  std::string warning;  // "" = none

  double rate() const {
    return result.took.us == 0 ? 0 : static_cast<double>(result.launched) * 1e6 / static_cast<double>(result.took.us);
  }
};

Json notes_json(const std::vector<ReplayNote>& notes) {
  Json json = Json::array();
  for (const ReplayNote& note : notes)
    json.push_back({{"line", note.line}, {"name", note.name}, {"reason", note.text}});
  return json;
}

Json report_json(const Report& report) {
  return {{"requests", report.plan.rows},
          {"launched", report.result.launched},
          {"refused", report.reasons.by_reason()},
          {"refused_requests", notes_json(report.refused)},
          {"adjusted", notes_json(report.plan.adjusted)},
          {"deleted", report.result.deleted},
          {"peak_servers", report.result.peak_servers},
          {"hosts_used", report.result.hosts_used},
          {"vcpus_launched", report.result.vcpus_launched},
          {"gpu_requests", report.plan.gpu_requests},
          {"took_us", report.result.took.us},
          {"launches_per_s", report.rate()},
          {"warning", report.warning.empty() ? Json(nullptr) : Json(report.warning)},
          {"project", report.project}};
}

void print_notes(const char* title, const std::vector<ReplayNote>& notes) {
  if (notes.empty()) return;
  print("\n{}\n", title);
  for (size_t i = 0; i < std::min(notes.size(), kListed); ++i)
    print("  line {}: {}: {}\n", notes[i].line, one_line(notes[i].name), one_line(notes[i].text));
  if (notes.size() > kListed) print("  and {} more; --json has all\n", notes.size() - kListed);
}

void print_report(const Report& report) {
  const ReplayResult& result = report.result;
  print("requests {}: {} launched ({} vcpus), {} refused, {} deleted, in {}: {:.0f} launches/s\n", report.plan.rows,
        result.launched, result.vcpus_launched, report.refused.size(), result.deleted, format_duration(result.took),
        report.rate());
  print("at most {} servers at a time, on {} hosts in all\n", result.peak_servers, result.hosts_used);
  if (report.plan.gpu_requests > 0)
    print("GPUs are left out, hosts have none: requests that ask for some: {}\n", report.plan.gpu_requests);
  if (report.reasons.total() > 0) print("refused by reason:\n{}", render_failures(report.reasons));
  print_notes("refused:", report.refused);
  print_notes("launched, but not quite as asked:", report.plan.adjusted);
  print("\nproject {}: kilonova --os-project-name {} server list\n", report.project, report.project);
}

// The file is read whole, and refused whole, before the cloud is asked for anything.
Expected<int> replay(const Globals& globals, Options options) {
  Expected<std::optional<double>> speed = parse_speed(options.speed);
  if (!speed) return std::unexpected(speed.error());
  options.replay.speed = *speed;
  if (options.speed == "sequential") options.replay.at_once = 1;
  Expected<std::string> text = read_file(options.file);
  if (!text) return std::unexpected(text.error());
  Expected<ReplayPlan> plan = plan_replay(*text, options.file, options.columns, options.ignore_departures);
  if (!plan) return std::unexpected(plan.error());
  auto admin = Session::open(globals);
  if (!admin) return std::unexpected(admin.error());
  if (auto made = make_replay_flavors(**admin, *plan); !made) return std::unexpected(made.error());
  auto project = open_work_project(**admin, globals.user.value, options.project, "replay");
  if (!project) return std::unexpected(project.error());
  auto status = (*admin)->call(&v1::Cloud::Stub::GetCloudStatus, v1::GetCloudStatusRequest());
  if (!status) return std::unexpected(status.error());
  std::string warning = ratio_warning(status->status());
  if (!warning.empty()) report_note(globals.style, warning);
  Expected<ReplayResult> result = run_replay(*project->session, *plan, options.replay);
  if (!result) return std::unexpected(result.error());
  Report report{.plan = std::move(*plan), .result = std::move(*result), .project = project->name, .warning = warning};
  report.refused = report.plan.refused;
  report.refused.insert(report.refused.end(), report.result.refused.begin(), report.result.refused.end());
  for (const ReplayNote& note : report.refused) report.reasons.add(note.text);
  // A replay of which nothing was launched is none.
  int code = report.result.launched == 0 ? kBadResult : kDone;
  if (globals.style.format != Format::kTable) {
    auto printed = print_object(globals.style, report_json(report));
    return printed ? Expected<int>(code) : printed;
  }
  print_report(report);
  return code;
}

}  // namespace

void add_replay(CLI::App& app, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("replay", "Replay a recorded workload in a dedicated project (admins)");
  command->add_option("--requests", options->file, "CSV of requests; the columns of Alibaba's openb are recognised")
      ->required()
      ->type_name("FILE");
  command->add_option(
      "--speed", options->speed,
      "max, a factor (60: a minute of the file in a second), or sequential: each request waits for the one before, "
      "and the same file on the same cloud has the same outcome");
  command->add_flag("--ignore-departures", options->ignore_departures,
                    "Delete no server when its time in the file is over");
  command->add_option("--project", options->project, "Use this project; made when it is not there");
  command->add_option("--columns", options->columns,
                      "As \"name=id,vcpus=cpu_milli/1000,ram=mem,created=start,deleted=end\"");
  command->add_option("--image", options->replay.image, "Image that they boot");
  run_command(*command, globals, [options, &globals] { return replay(globals, *options); });
}

}  // namespace kilonova::cli
