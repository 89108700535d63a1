// kilonova export and import.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "cli/cli.h"
#include "cli/client/cloud_place.h"
#include "cli/client/session.h"
#include "cli/export/export_file.h"
#include "cli/output/read_file.h"
#include "cli/output/records.h"

namespace kilonova::cli {
namespace {

// What is in it, and with what it has to be started: hosts keep the process that carries them.
Expected<int> print_summary(const Globals& globals, const std::string& state_dir, const std::string& what,
                            const std::string& file, const CloudImage& image) {
  uint32_t computes = 0;
  for (const Host& host : image.controller.of<Host>()) computes = std::max(computes, host.process.index + 1);
  if (globals.style.format != Format::kTable)
    return print_object(globals.style, Json{{"file", file},
                                            {"state_dir", state_dir},
                                            {"revision", image.controller.revision},
                                            {"servers", image.controller.instances.size()},
                                            {"hosts", image.controller.of<Host>().size()},
                                            {"computes", computes},
                                            {"networks", image.networks.size()},
                                            {"projects", image.controller.of<Project>().size()}});
  print("{}: {} servers on {} hosts of {} compute process{}, at revision {}\n", what, image.controller.instances.size(),
        image.controller.of<Host>().size(), computes, computes == 1 ? "" : "es", image.controller.revision);
  return 0;
}

Expected<int> run_export(const Globals& globals, const std::string& file) {
  Expected<std::string> state_dir = own_state_dir(globals, "kilonova export");
  if (!state_dir) return std::unexpected(state_dir.error());
  if (::access(file.c_str(), F_OK) == 0)
    return fail(ErrorCode::kAlreadyExists, fmt::format("{} is there already: an export overwrites nothing", file));
  auto image = read_cloud_image(*state_dir);
  if (!image) return std::unexpected(image.error());
  if (auto written = write_private_file(file, write_export(*image, wall_now())); !written)
    return std::unexpected(written.error());
  return print_summary(globals, *state_dir, "exported to " + file, file, *image);
}

Expected<int> run_import(const Globals& globals, const std::string& file) {
  Expected<std::string> state_dir = own_state_dir(globals, "kilonova import");
  if (!state_dir) return std::unexpected(state_dir.error());
  auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  auto image = read_export(*text, file);
  if (!image) return std::unexpected(image.error());
  if (auto written = write_cloud_image(*state_dir, *image); !written) return std::unexpected(written.error());
  auto printed = print_summary(globals, *state_dir, "imported into " + *state_dir, file, *image);
  if (printed && globals.style.is_text())
    print("start it with `kilonova --state-dir {} up` and the options for hosts that the exported cloud had\n",
          *state_dir);
  return printed;
}

}  // namespace

void add_export(CLI::App& app, Globals& globals) {
  auto file = std::make_shared<std::string>();
  CLI::App* export_command =
      app.add_subcommand("export", "Write the whole cloud of the state directory, running or not, to a file");
  export_command->add_option("FILE", *file, "A new file; it holds secrets, and only you may read it")->required();
  run_command(*export_command, globals, [file, &globals] { return run_export(globals, *file); });
  CLI::App* import_command =
      app.add_subcommand("import", "Make a new state directory from an exported file; then `up` with the same hosts");
  import_command->add_option("FILE", *file, "As `export` wrote it")->required();
  run_command(*import_command, globals, [file, &globals] { return run_import(globals, *file); });
}

}  // namespace kilonova::cli
