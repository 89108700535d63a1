#include "cli/study/study_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "cli/output/exit_codes.h"
#include "cli/output/print.h"
#include "cli/output/progress.h"
#include "cli/output/read_file.h"
#include "cli/output/records.h"
#include "cli/output/table.h"
#include "cli/output/text.h"
#include "cli/study/read_workload.h"
#include "cli/study/study_file.h"
#include "cli/study/study_report.h"
#include "cli/study/study_results.h"

namespace kilonova::cli {
namespace {

constexpr size_t kLeastWidth = 60;

struct Options {
  std::string file;
  std::string html;
  std::string csv;
  size_t jobs = 0;
  bool show_template = false;
};

int64_t steady_ns() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

// Everything was worked out before: what fails now is the disk.
Expected<> write_reports(const StudyResults& results, const Options& options) {
  std::vector<std::pair<std::string, std::string>> files;
  if (!options.html.empty()) files.emplace_back(options.html, study_html(results));
  if (!options.csv.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.csv, error);
    if (error)
      return fail(ErrorCode::kUnavailable,
                  fmt::format("the directory {} cannot be made: {}", one_line(options.csv), error.message()));
    for (auto& [name, text] : study_files(results))
      files.emplace_back((std::filesystem::path(options.csv) / name).string(), std::move(text));
  }
  for (const auto& [path, text] : files)
    if (auto written = write_private_file(path, text, SyncMode::kNormal); !written) return written;
  return {};
}

Expected<int> study(const OutputStyle& style, const Options& options) {
  if (options.show_template) {
    print_text(study_template());
    return kDone;
  }
  if (options.file.empty())
    return fail(ErrorCode::kInvalidArgument, "name the file of a study; kilonova study --template prints an example");
  if (style.format != Format::kTable && style.format != Format::kJson && style.format != Format::kYaml)
    return fail(ErrorCode::kInvalidArgument, "study prints table, json or yaml; --csv DIR writes CSV");
  Expected<std::string> text = read_file(options.file);
  if (!text) return std::unexpected(std::move(text.error()));
  Expected<StudyFile> file = parse_study(*text, options.file);
  if (!file) return std::unexpected(std::move(file.error()));
  Expected<study::Workload> workload = read_workload(*file, options.file);
  if (!workload) return std::unexpected(std::move(workload.error()));
  const size_t jobs = options.jobs > 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
  const int64_t start = steady_ns();
  StudyResults results;
  {
    Progress progress("studying", static_cast<size_t>(file->seeds()) * file->settings.size());
    results = run_all(*file, *workload, jobs, steady_ns, [&](size_t done, size_t) { progress.show(done); });
  }
  results.took = microseconds((steady_ns() - start) / 1'000);
  if (auto written = write_reports(results, options); !written) return std::unexpected(std::move(written.error()));
  if (style.format != Format::kTable) return print_object(style, study_json(results));
  print_text(study_text(results, std::max(page_width(), kLeastWidth)));
  return kDone;
}

}  // namespace

void add_study(CLI::App& app, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "study",
      "Replay recorded hosts and requests under several scheduler settings in virtual time (docs/studies.md); no cloud "
      "runs");
  command->group("Simulation and load");
  command->add_option("FILE", options->file, "The file of the study");
  command->add_option("--html", options->html, "Write a report with plots to this file")->type_name("FILE");
  command->add_option("--csv", options->csv, "Write the figures, and each plot as CSV and SVG, to this directory")
      ->type_name("DIR");
  command->add_option("--jobs", options->jobs, "Threads at work; 0 = as many as there are processors")
      ->check(CLI::Range(0, 256));
  command->add_flag("--template", options->show_template, "Print an example of a file, with comments");
  run_command(*command, globals, [options, &globals] { return study(globals.style, *options); });
}

}  // namespace kilonova::cli
