// kilonova bundle.
#include "cli/bundle.h"

#include <memory>

#include "cli/cli.h"
#include "cli/output/records.h"

namespace kilonova::cli {

void add_bundle(CLI::App& app, Globals& globals) {
  auto file = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "bundle", "Write what tells what happened (logs, status, servers, traces, check) to one file, without secrets");
  command->group("Launches");
  command->add_option("FILE", *file, "A new file: name.tar.gz")->required();
  run_command(*command, globals, [file, &globals]() -> Expected<int> {
    if (auto written = write_bundle(globals, *file); !written) return std::unexpected(written.error());
    if (globals.style.format != Format::kTable) return print_object(globals.style, Json{{"file", *file}});
    if (globals.style.is_text()) print("written to {}\n", *file);
    return 0;
  });
}

}  // namespace kilonova::cli
