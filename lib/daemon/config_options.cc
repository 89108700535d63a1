#include "daemon/config_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/did_you_mean.h"

namespace kilonova {
namespace {

// What [DEFAULT] may say: each is an option of two daemons at least. A daemon passes over those that it has not.
constexpr auto kShared = std::to_array<std::string_view>({
    "cell",
    "cluster-ca",
    "cluster-certificate",
    "cluster-key",
    "cluster-peer-name",
    "cluster-secret-file",
    "controller",
    "cpu-allocation-ratio",
    "disk-allocation-ratio",
    "era",
    "log-format",
    "log-level",
    "max-attempts",
    "otlp-endpoint",
    "ram-allocation-ratio",
    "report-interval",
    "rpc-response-timeout",
    "store",
    "store-password-file",
    "store-reconnect-time",
    "sync",
});

// What says which process it is, and not what it does.
constexpr auto kCommandLineOnly = std::to_array<std::string_view>({"config", "help", "index", "ready-fd", "state-dir"});

template <class Names>
bool has(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string with_suggestion(std::string message, const std::string& key, const std::vector<std::string>& known) {
  if (auto meant = did_you_mean(key, known)) return fmt::format("{}; did you mean {}?", message, *meant);
  return message;
}

std::vector<std::string> keys_of(const CLI::App& app) {
  std::vector<std::string> keys;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames())
      if (!has(kCommandLineOnly, name)) keys.push_back(name);
  return keys;
}

// CLI11's words begin with the option's name, repeat a value that is no number, and show words that stand for an enum's
// values with these values behind them.
std::string reason_of(const CLI::Option& option, const CLI::Error& error) {
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {
    std::string type = option.get_type_name();
    if (type.starts_with("UINT")) return "it must be a whole number of at least 0";
    if (type.starts_with("INT")) return "it must be a whole number";
    return "it must be a number";
  }
  std::string message = error.what();
  if (message.find("Check ") != std::string::npos) return "it takes " + option.get_description();
  std::string prefix = option.get_name() + ": ";
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

}  // namespace

Expected<> set_from_config(CLI::Option& option, const ConfigFile& file, const ConfigEntry& entry,
                           const OptionsCheck& check) {
  try {
    option.add_result(entry.value);
    option.run_callback();
  } catch (const CLI::Error& error) {
    std::string why = reason_of(option, error);
    option.clear();
    return file.wrong(entry, why);
  }
  if (!check) return {};
  Expected<> checked = check();
  if (checked) return {};
  option.clear();
  return file.wrong(entry, checked.error().message);
}

Expected<> check_overridden(CLI::Option& option, const ConfigFile& file, const ConfigEntry& entry,
                            const OptionsCheck& check) {
  const std::vector<std::string> said = option.results();
  option.clear();
  Expected<> result = set_from_config(option, file, entry, check);
  option.clear();
  if (said.empty()) return result;
  for (const std::string& word : said) option.add_result(word);
  option.run_callback();
  return result;
}

Expected<> apply_config(CLI::App& app, const ConfigFile& file, std::string_view section, const OptionsCheck& check) {
  for (const ConfigEntry& entry : file.entries()) {
    const bool is_shared = entry.section == kDefaultSection;
    if (!is_shared && entry.section != section) continue;
    if (has(kCommandLineOnly, entry.key)) return file.wrong(entry, "it can be said on the command line only");
    if (is_shared && !has(kShared, entry.key))
      return file.wrong(entry, with_suggestion("no option that daemons share", entry.key,
                                               std::vector<std::string>(kShared.begin(), kShared.end())));
    CLI::Option* option = app.get_option_no_throw("--" + entry.key);
    if (option == nullptr && is_shared) continue;
    if (option == nullptr)
      return file.wrong(entry,
                        with_suggestion(fmt::format("{} has no such option", app.get_name()), entry.key, keys_of(app)));
    const bool is_overridden = option->count() > 0 || (is_shared && file.find(section, entry.key) != nullptr);
    auto set =
        is_overridden ? check_overridden(*option, file, entry, check) : set_from_config(*option, file, entry, check);
    if (!set) return set;
  }
  return {};
}

}  // namespace kilonova
