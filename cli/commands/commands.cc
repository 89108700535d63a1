#include <map>

#include "cli/cli.h"
#include "cli/commands/schedule.h"
#include "cli/commands/top.h"
#include "daemon/options.h"

namespace kilonova::cli {
namespace {

constexpr const char* kVersion = "kilonova 0.1.0";
constexpr const char* kCloudGroup = "Which cloud, and as whom";
constexpr const char* kOutputGroup = "Output";

void add_cloud_options(CLI::App& app, Globals& globals) {
  globals.state_dir = from_environment("KILONOVA_STATE_DIR", default_state_dir());
  globals.endpoint = from_environment("KILONOVA_ENDPOINT", "");
  globals.ca = from_environment("OS_CACERT", "");
  globals.certificate = from_environment("OS_CERT", "");
  globals.key = from_environment("OS_KEY", "");
  globals.user = from_environment("OS_USERNAME", "admin");
  globals.password = from_environment("OS_PASSWORD", "kilonova");
  globals.project = from_environment("OS_PROJECT_NAME", "admin");
  auto add = [&app](const char* names, Setting& setting, const char* value, const char* description) {
    return add_setting(app, names, setting, description)->type_name(value)->group(kCloudGroup);
  };
  add("--state-dir", globals.state_dir, "DIR", "Directory of the cloud (KILONOVA_STATE_DIR)")
      ->default_str("~/.local/state/kilonova");
  add("--endpoint", globals.endpoint, "ADDRESS",
      "A cloud elsewhere, as HOST:PORT, or https://HOST:PORT with TLS (KILONOVA_ENDPOINT); a given --state-dir counts "
      "more than the variable");
  add("--ca-file,--os-cacert", globals.ca, "FILE",
      "Use TLS, and trust certificates of this CA (PEM) (OS_CACERT); default: the system's");
  add("--os-cert", globals.certificate, "FILE", "Certificate for a cloud that asks for one (PEM) (OS_CERT)");
  add("--os-key", globals.key, "FILE", "Private key of the certificate (PEM) (OS_KEY)");
  add("--os-username", globals.user, "USER", "User (OS_USERNAME)")->default_str("admin");
  add("--os-password", globals.password, "PASSWORD", "Password (OS_PASSWORD)");
  add("--os-project-name", globals.project, "PROJECT", "Project (OS_PROJECT_NAME)")->default_str("admin");
}

void add_output_options(CLI::App& app, OutputStyle& style) {
  static const std::map<std::string, Format> kFormats{{"table", Format::kTable},
                                                      {"json", Format::kJson},
                                                      {"yaml", Format::kYaml},
                                                      {"csv", Format::kCsv},
                                                      {"value", Format::kValue}};
  static const std::map<std::string, ColorWhen> kColors{
      {"auto", ColorWhen::kAuto}, {"always", ColorWhen::kAlways}, {"never", ColorWhen::kNever}};
  auto several = [](CLI::Option* option) {
    return option->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->type_name("COLUMN")
        ->group(kOutputGroup);
  };
  auto choose = [](CLI::Option* option, const char* values, const auto& map) {
    option->transform(CLI::CheckedTransformer(map, CLI::ignore_case).description(values))->type_name("TEXT");
    option->group(kOutputGroup);
    return option;
  };
  CLI::Option* format =
      choose(app.add_option("-f,--format", style.format, "What to print"), "{table,json,yaml,csv,value}", kFormats)
          ->default_str("table");
  app.add_flag_callback(
         "--json", [&style] { style.format = Format::kJson; }, "The same as -f json")
      ->group(kOutputGroup)
      ->excludes(format);
  several(app.add_option("-c,--column", style.columns, "Print only this column"));
  several(app.add_option("--sort-column", style.sort_columns, "Sort a list by this column"));
  app.add_flag("--sort-descending", style.sort_descending, "Sort from high to low")->group(kOutputGroup);
  app.add_flag("-q,--quiet", style.quiet, "Print only ids (names, where a thing has no id)")->group(kOutputGroup);
  app.add_flag("--no-trunc", style.no_trunc, "Cut nothing and leave no column out")->group(kOutputGroup);
  app.add_flag("--fit-width", style.fit_width, "Fit tables to COLUMNS (80) columns even without a terminal")
      ->group(kOutputGroup);
  choose(app.add_option("--color", style.color, "Use colors"), "{auto,always,never}", kColors)->default_str("auto");
}

}  // namespace

void add_commands(CLI::App& app, Globals& globals) {
  app.require_subcommand(0, 1);  // main() says which there are when none is given; a wrong one is named by the parser
  app.fallthrough();             // --json and the like may stand behind the command; inherited by every subcommand
  app.set_version_flag("--version", kVersion);
  app.option_defaults()->always_capture_default();
  add_cloud_options(app, globals);
  add_output_options(app, globals.style);
  add_server(app, globals);
  add_flavor(app, globals);
  add_aggregate(app, globals);
  add_console(app, globals);
  add_image(app, globals);
  add_keypair(app, globals);
  add_ec2(app, globals);
  add_network(app, globals);
  add_identity(app, globals);
  add_quota(app, globals);
  add_host(app, globals);
  add_trace(app, globals);
  add_explain(app, globals);
  add_schedule(app, globals);
  add_fault(app, globals);
  add_replay(app, globals);
  add_play(app, globals);
  add_bench(app, globals);
  add_openrc(app, globals);
  add_reset(app, globals);
  add_check(app, globals);
  add_export(app, globals);
  add_wait(app, globals);
  add_events(app, globals);
  add_top(app, globals);
  add_logs(app, globals);
  add_bundle(app, globals);
  add_completion(app, globals);
  add_help(app, globals);
}

}  // namespace kilonova::cli
