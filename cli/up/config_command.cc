// kilonova config: the options of a cloud.
#include <fmt/format.h>

#include <string>

#include "cli/cli.h"
#include "cli/client/cloud_place.h"
#include "cli/output/print.h"
#include "cli/output/records.h"
#include "cli/up/state_dir.h"
#include "daemon/config_file.h"

namespace kilonova::cli {
namespace {

Expected<int> show(const Globals& globals) {
  Expected<std::string> directory = own_state_dir(globals, "kilonova config show");
  if (!directory) return std::unexpected(directory.error());
  Expected<ConfigFile> config = ConfigFile::read(up::StateDir(*directory).config_file());
  if (!config && config.error().code == ErrorCode::kNotFound)
    return fail(ErrorCode::kNotFound, fmt::format("{} has no cloud yet: kilonova up", *directory));
  if (!config) return std::unexpected(config.error());
  if (globals.style.format == Format::kTable) {
    print_text(config->text());
    return 0;
  }
  Json sections = Json::object();
  for (std::string_view section : kConfigSections)
    for (const ConfigEntry& entry : config->entries())
      if (entry.section == section) sections[entry.section][entry.key] = entry.value;
  return print_object(globals.style, Json{{"file", config->path()}, {"sections", std::move(sections)}});
}

}  // namespace

void add_config(CLI::App& app, Globals& globals) {
  CLI::App* config = app.add_subcommand("config", "The options of a cloud");
  config->group("Clouds");
  CLI::App* command = config->add_subcommand("show", "Print kilonova.conf of the state directory: what is not default");
  run_command(*command, globals, [&globals] { return show(globals); });
}

}  // namespace kilonova::cli
