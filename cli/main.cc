// `kilonova`: the command for users of a cloud, and for who runs one.
#include <absl/synchronization/mutex.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/output/exit_codes.h"
#include "cli/output/print.h"
#include "cli/output/report.h"
#include "cli/output/table.h"
#include "cli/reference/command_doc.h"
#include "cli/reference/help_page.h"
#include "cli/sim/protobuf_codec.h"
#include "cli/sim/sim_commands.h"
#include "cli/study/study_command.h"
#include "cli/usage.h"

namespace kilonova::cli {
namespace {

// A closed standard output must not become the first socket that is opened. What is written to it fails instead.
void open_standard_files() {
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0) (void)::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

void add_everything(CLI::App& app, Globals& globals) {
  add_commands(app, globals);
  add_up(app, globals);
  add_down(app, globals);
  add_status(app, globals);
  add_run(app, globals);
  add_clouds(app, globals);
  add_config(app, globals);
  add_fault_daemons(*app.get_subcommand("fault"), globals);
  add_study(app, globals);
  CLI::App& sim = *app.add_subcommand("sim", "The same cloud in virtual time, from a seed");
  sim.group("Simulation and load");
  add_sim_commands(sim, globals, through_protobuf);
}

// `--help` of the command that was understood so far. Its path is that of its parent and its name.
std::string help_of(const CLI::App& app) {
  ChosenCommand chosen = chosen_command(app);
  size_t gap = chosen.path.rfind(' ');
  std::string parent = gap == std::string::npos ? "" : chosen.path.substr(0, gap);
  return help_page(describe(*chosen.app, parent), std::clamp<size_t>(page_width(), 40, kHelpWidth));
}

// Before anything is asked of a cloud. Nothing: go on.
std::optional<int> parse(CLI::App& app, const std::vector<std::string>& words) {
  OutputStyle style = style_for_errors(words);
  if (auto checked = check_words(app, words); !checked) {
    report_error(style, checked.error());
    return exit_code_of(checked.error().code);
  }
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    print_text(help_of(app));
    return kDone;
  } catch (const CLI::Success& version) {
    print("{}\n", version.what());
    return kDone;
  } catch (const CLI::ParseError& wrong) {
    report_error(style, {ErrorCode::kInvalidArgument, usage_message(app, wrong)},
                 fmt::format("see {} --help", chosen_command(app).path));
    return kWrongUse;
  }
  return std::nullopt;
}

int run(const std::vector<std::string>& words) {
  CLI::App app("An OpenStack Nova control plane, simulated on one machine", "kilonova");
  Globals globals;
  add_everything(app, globals);
  std::optional<int> ended = parse(app, words);
  if (!ended && !globals.run) {
    report_error(globals.style, {ErrorCode::kInvalidArgument, missing_command(app)});
    ended = kWrongUse;
  }
  Expected<int> code = ended ? Expected<int>(*ended) : globals.run();
  if (!code) {
    report_error(globals.style, code.error());
    return exit_code_of(code.error().code);
  }
  Expected<> printed = flush_output();
  if (!printed) report_error(globals.style, printed.error());
  return printed || *code != kDone ? *code : exit_code_of(printed.error().code);
}

}  // namespace
}  // namespace kilonova::cli

int main(int argc, char** argv) {
  kilonova::cli::open_standard_files();
  // A reader that has seen enough (`kilonova server list | head`) ends the command like any other tool's.
  std::signal(SIGPIPE, SIG_DFL);
  // As in the daemons (run_daemon.cc).
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return kilonova::cli::run({argv + std::min(argc, 1), argv + argc});
}
