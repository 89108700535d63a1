#include "cli/commands/schedule.h"

#include <fmt/format.h>

#include <functional>
#include <iostream>
#include <iterator>
#include <memory>

#include "cli/output/exit_codes.h"
#include "cli/output/print.h"
#include "cli/output/read_file.h"
#include "cli/output/table.h"
#include "cli/output/text.h"
#include "cli/schedule/cases.h"
#include "cli/schedule/view.h"
#include "scheduler/core/python_json.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string cases;
  std::string sequences;
  std::string placement;
};

Expected<std::string> read_input(const std::string& path) {
  if (path != "-") return read_file(path);
  std::string text{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  if (std::cin.bad()) return fail(ErrorCode::kUnavailable, "standard input cannot be read");
  return text;
}

// Prints the answer to each line as soon as there is one: what comes before a line that is wrong is printed.
template <class Answer>
Expected<int> answer_lines(const OutputStyle& style, const std::string& path,
                           Expected<Answer> (*answer_line)(std::string_view line)) {
  const Expected<std::string> text = read_input(path);
  if (!text) return std::unexpected(text.error());
  const std::string shown_path = path == "-" ? "standard input" : one_line(path);
  std::string_view rest = *text;
  bool is_first = true;
  for (size_t number = 1; !rest.empty(); ++number) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const std::string title = fmt::format("line {}", number);
    const Expected<Answer> answer = answer_line(line);
    if (!answer)
      return fail(answer.error().code, fmt::format("{} {}: {}", shown_path, title, one_line(answer.error().message)));
    if (style.format == Format::kJson) {
      print("{}\n", scheduler::json_dumps_compact(schedule::json_of(*answer)));
    } else if (style.quiet) {
      print("{}", schedule::render_names(*answer));
    } else {
      print("{}{}", is_first ? "" : "\n", schedule::render(*answer, title, style.width(), style.colored()));
    }
    is_first = false;
  }
  return kDone;
}

Expected<int> answer(const OutputStyle& style, const Options& options) {
  if (style.format != Format::kJson && style.format != Format::kTable)
    return fail(ErrorCode::kInvalidArgument, "schedule prints json or table, no other format");
  if (options.cases.empty() && options.sequences.empty() && options.placement.empty())
    return fail(ErrorCode::kInvalidArgument, "name a file with --cases, --sequences or --placement");
  if (!options.sequences.empty()) return answer_lines(style, options.sequences, schedule::answer_sequence);
  if (!options.placement.empty()) return answer_lines(style, options.placement, schedule::answer_placement);
  return answer_lines(style, options.cases, schedule::answer_case);
}

}  // namespace

void add_schedule(CLI::App& app, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "schedule",
      "Ask what Nova's scheduler would do with the clouds and requests of a file (docs/schedule.md); no cloud runs");
  command->group("Launches");
  auto add = [&](const char* name, std::string& file, const char* description) {
    return command->add_option(name, file, description)->type_name("FILE");
  };
  CLI::Option* cases = add("--cases", options->cases, "A decision a line; - reads standard input");
  CLI::Option* sequences =
      add("--sequences", options->sequences, "Several requests a line, which take from the same hosts in turn");
  CLI::Option* placement =
      add("--placement", options->placement, "A request to Placement a line: which providers have room");
  sequences->excludes(cases);
  placement->excludes(cases)->excludes(sequences);
  run_command(*command, globals, [options, &globals] { return answer(globals.style, *options); });
}

}  // namespace kilonova::cli
