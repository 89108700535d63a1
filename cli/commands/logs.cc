// kilonova logs: the lines of all daemons' logs, in the order of their times.
#include <fmt/format.h>

#include <memory>

#include "cli/cli.h"
#include "cli/client/cloud_place.h"
#include "cli/commands/command.h"
#include "cli/logs/log_lines.h"
#include "cli/trace/log_trace.h"

namespace kilonova::cli {
namespace {

struct Options {
  LogFilter filter;
  std::string server;
  std::string request;
  bool follow = false;
};

Tone tone_of_line(std::string_view line) {
  bool error =
      line.find(" ERROR ") != std::string_view::npos || line.find("\"level\":\"error\"") != std::string_view::npos;
  bool warning =
      line.find(" WARN ") != std::string_view::npos || line.find("\"level\":\"warning\"") != std::string_view::npos;
  return error ? Tone::kBad : warning ? Tone::kBusy : Tone::kPlain;
}

Expected<int> logs(const Globals& globals, Options options) {
  auto state_dir = own_state_dir(globals, "kilonova logs");
  if (!state_dir) return std::unexpected(state_dir.error());
  std::string directory = log_directory(*state_dir);
  if (!options.server.empty()) {
    auto id = find_server(directory, options.server);
    if (!id) return std::unexpected(id.error());
    options.filter.texts.push_back(*id);
  }
  if (!options.request.empty()) options.filter.texts.push_back(options.request);
  bool color = globals.style.colored();
  auto print_line = [color](const LogLine& line) {
    // Whatever was logged: it cannot drive the terminal.
    print_text(painted(one_line(line.text), tone_of_line(line.text), color) + "\n");
  };
  auto lines = read_log_lines(directory, options.filter);
  if (!lines) return std::unexpected(lines.error());
  auto follower = options.follow ? LogFollower::open(directory, options.filter, false)
                                 : Expected<LogFollower>(std::unexpected(Error{}));
  if (options.follow && !follower) return std::unexpected(follower.error());
  for (const LogLine& line : *lines) print_line(line);
  if (!options.follow) return 0;
  for (;;) {
    if (auto flushed = flush_output(); !flushed) return std::unexpected(flushed.error());
    auto more = follower->wait(-1, -1, print_line);
    if (!more) return std::unexpected(more.error());
  }
}

}  // namespace

void add_logs(CLI::App& app, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("logs", "Print the log lines of all daemons, or of some, in the order of their times");
  command->group("Launches");
  command->add_option("DAEMON", options->filter.daemons, "As compute-0, or compute for all of the kind; default: all");
  command->add_flag("--follow", options->follow, "Go on with the lines to come, until Ctrl-C");
  command->add_option("--server", options->server, "Only lines about this server, by name or id")->type_name("SERVER");
  command->add_option("--request", options->request, "Only lines of this request: req-...")->type_name("REQUEST");
  run_command(*command, globals, [options, &globals] { return logs(globals, *options); });
}

}  // namespace kilonova::cli
