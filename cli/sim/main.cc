// A stand-alone `kilonova-sim`: the simulation alone, without gRPC, protobuf and the rest of the command.
#include <fmt/format.h>

#include <cstdio>

#include "cli/cli.h"
#include "cli/sim/sim_commands.h"

int main(int argc, char** argv) {
  using kilonova::cli::Globals;
  CLI::App app("kilonova sim: a whole cloud in virtual time", "kilonova-sim");
  app.fallthrough();
  app.require_subcommand(1);
  Globals globals;
  app.add_flag_callback("--json", [&globals] { globals.style.format = kilonova::cli::Format::kJson; }, "Print JSON");
  kilonova::cli::add_sim_commands(app, globals, {});
  CLI11_PARSE(app, argc, argv);
  kilonova::Expected<int> code = globals.run();
  std::fflush(stdout);
  if (code) return *code;
  fmt::print(stderr, "kilonova-sim: {}\n", code.error().message);
  return 1;
}
