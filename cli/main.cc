// `kilonova`: the command for users of a cloud, and for who runs one.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <utility>

#include "cli/cli.h"
#include "cli/output/text.h"
#ifdef KILONOVA_HAS_SIM
#include "cli/sim/protobuf_codec.h"
#include "cli/sim/sim_commands.h"
#endif

namespace {

// The last command that was understood, and how it is typed: "kilonova server create".
std::pair<const CLI::App*, std::string> chosen(const CLI::App& app) {
  const CLI::App* last = &app;
  std::string path = app.get_name();
  while (!last->get_subcommands().empty()) {
    last = last->get_subcommands().front();
    path += " " + last->get_name();
  }
  return {last, path};
}

// "`kilonova server` needs one of: create, list, ..."
std::string missing_command(const CLI::App& app) {
  auto [last, path] = chosen(app);
  std::string names;
  for (const CLI::App* command : last->get_subcommands([](const CLI::App*) { return true; }))
    names += (names.empty() ? "" : ", ") + command->get_name();
  return fmt::format("`{}` needs one of: {}", path, names);
}

}  // namespace

int main(int argc, char** argv) {
  using kilonova::cli::Globals;
  // A reader that has seen enough (`kilonova server list | head`) ends the command like any other tool's.
  std::signal(SIGPIPE, SIG_DFL);
  CLI::App app("kilonova: an OpenStack Nova control plane, simulated on one machine", "kilonova");
  Globals globals;
  kilonova::cli::add_commands(app, globals);
#ifdef KILONOVA_HAS_UP
  kilonova::cli::add_up(app, globals);
  kilonova::cli::add_down(app, globals);
  kilonova::cli::add_status(app, globals);
#endif
#ifdef KILONOVA_HAS_SIM
  kilonova::cli::add_sim_commands(*app.add_subcommand("sim", "The same cloud in virtual time, from a seed"), globals,
                                  kilonova::cli::through_protobuf);
#endif
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    if (wrong.get_exit_code() == 0) return app.exit(wrong);  // --help, --version
    fmt::print(stderr, "kilonova: {}; see {} --help\n", kilonova::cli::one_line(wrong.what()), chosen(app).second);
    return 2;
  }
  if (!globals.run) {
    fmt::print(stderr, "kilonova: {}\n", missing_command(app));
    return 2;
  }
  kilonova::Expected<int> code = globals.run();
  std::fflush(stdout);
  if (code) return *code;
  fmt::print(stderr, "kilonova: {}\n", kilonova::cli::one_line(code.error().message));
  return 1;
}
