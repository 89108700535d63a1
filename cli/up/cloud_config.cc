#include "cli/up/cloud_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/did_you_mean.h"
#include "daemon/config_options.h"

namespace kilonova::up {
namespace {

// Where an option of the command line stands in the file, by the same name.
struct Place {
  std::string_view option;
  std::string_view section;
  bool is_file = false;  // a path: absolute in the file, as daemons and a later `up` may stand elsewhere
};

constexpr auto kPlaces = std::to_array<Place>({
    {"hosts", "compute"},
    {"hosts-file", "compute", true},
    {"hosts-columns", "compute"},
    {"computes", kUpSection},
    {"timing", "compute"},
    {"time-factor", "compute"},
    {"schedulers", kUpSection},
    {"era", kDefaultSection},
    {"driver", "scheduler"},
    {"enabled-filters", "scheduler"},
    {"cpu-weight-multiplier", "scheduler"},
    {"ram-weight-multiplier", "scheduler"},
    {"disk-weight-multiplier", "scheduler"},
    {"cpu-allocation-ratio", kDefaultSection},
    {"ram-allocation-ratio", kDefaultSection},
    {"disk-allocation-ratio", kDefaultSection},
    {"host-subset-size", "scheduler"},
    {"max-instances-per-host", "scheduler"},
    {"max-cores", "scheduler"},
    {"max-attempts", kDefaultSection},
    {"max-unstable", "controller"},
    {"max-lost-casts", "controller"},
    {"report-interval", kDefaultSection},
    {"service-down-time", "controller"},
    {"rpc-response-timeout", kDefaultSection},
    {"grpc-port", kUpSection},
    {"grpc-listen", "api"},
    {"http-port", kUpSection},
    {"http-listen", "api"},
    {"tls-certificate", "api", true},
    {"tls-key", "api", true},
    {"tls-ca", "api", true},
    {"cluster-listen", kUpSection},
    {"metrics", kUpSection},
    {"cluster-secret-file", kDefaultSection, true},
    {"cluster-certificate", kDefaultSection, true},
    {"cluster-key", kDefaultSection, true},
    {"cluster-ca", kDefaultSection, true},
    {"cluster-peer-name", kDefaultSection},
    {"sync", kDefaultSection},
    {"store", kDefaultSection},
    {"store-password-file", kDefaultSection, true},
    {"log-level", kDefaultSection},
    {"otlp-endpoint", kDefaultSection},
    {"log-format", kDefaultSection},
});

// Who says the one takes back the other.
constexpr auto kReplaces = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"hosts", "hosts-file"},
    {"hosts", "hosts-columns"},
    {"hosts-file", "hosts"},
    {"hosts-file", "hosts-columns"},
    {"grpc-port", "grpc-listen"},
    {"grpc-listen", "grpc-port"},
    {"http-port", "http-listen"},
    {"http-listen", "http-port"},
});

const Place* find_place(std::string_view section, std::string_view key) {
  auto found = std::ranges::find_if(kPlaces, [&](const Place& place) {
    return place.option == key && (section.empty() || place.section == section);
  });
  return found == kPlaces.end() ? nullptr : &*found;
}

std::string absolute(const std::string& file) {
  return file.empty() ? file : std::filesystem::absolute(file).lexically_normal().string();
}

// A file of timings is one of no such name.
bool names_a_file(const Place& place, const std::string& value) {
  bool is_timing =
      place.option == "timing" && value != "instant" && value != "realistic" && value != "test" && value != "manual";
  return place.is_file || is_timing;
}

void put(ConfigFile& config, const Place& place, const std::string& value) {
  for (auto [option, replaced] : kReplaces)
    if (option == place.option) config.erase(find_place({}, replaced)->section, replaced);
  config.set(place.section, place.option, names_a_file(place, value) ? absolute(value) : value);
}

Expected<> set_one(ConfigFile& config, const std::string& text) {
  size_t dot = text.find('.'), equals = text.find('=');
  auto wrong = [&](std::string_view why) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("--set {}: {}", text, why));
  };
  if (dot == std::string::npos || equals == std::string::npos || dot > equals)
    return wrong("it takes SECTION.KEY=VALUE, as in scheduler.driver=filter");
  // What stands in a file can be set, and nothing else.
  std::string lines = fmt::format("[{}]\n{}\n", text.substr(0, dot), text.substr(dot + 1));
  Expected<ConfigFile> said = ConfigFile::parse("--set", lines);
  if (!said || said->entries().size() != 1)
    return wrong(said ? "it takes one SECTION.KEY=VALUE" : said.error().message.substr(sizeof "--set:1: " - 1));
  const ConfigEntry& entry = said->entries().front();
  if (const Place* place = find_place(entry.section, entry.key)) {
    put(config, *place, entry.value);
  } else {
    config.set(entry.section, entry.key, entry.value);
  }
  return {};
}

// Of [up] alone: each daemon knows its own section.
Expected<> check_up_section(const ConfigFile& config) {
  std::vector<std::string> known;
  for (const Place& place : kPlaces)
    if (place.section == kUpSection) known.emplace_back(place.option);
  for (const ConfigEntry& entry : config.entries()) {
    if (entry.section != kUpSection || find_place(kUpSection, entry.key) != nullptr) continue;
    auto meant = did_you_mean(entry.key, known);
    return config.wrong(entry, meant ? fmt::format("[up] has no such option; did you mean {}?", *meant)
                                     : fmt::format("[up] has {} only", fmt::join(known, ", ")));
  }
  return {};
}

Expected<ConfigFile> read_base(const UpOptions& options, const StateDir& state) {
  Expected<ConfigFile> base = ConfigFile::read(options.config.empty() ? state.config_file() : options.config);
  if (!base && base.error().code == ErrorCode::kNotFound && options.config.empty())
    return ConfigFile(state.config_file());
  return base;
}

// `--timing test` as what it stands for: hosts that take no time, and intervals after which a test sees soon that a
// daemon died.
void expand_timing(ConfigFile& config, UpOptions& options) {
  if (options.timing != "test") return;
  options.timing = "instant";
  config.set("compute", "timing", "instant");
  if (config.find(kDefaultSection, "report-interval") == nullptr) {
    options.report_interval = seconds(1);
    config.set(kDefaultSection, "report-interval", "1");
  }
  if (config.find("controller", "service-down-time") == nullptr) {
    options.service_down_time = seconds(3);
    config.set("controller", "service-down-time", "3");
  }
}

}  // namespace

Expected<ConfigFile> merge_config(CLI::App& command, UpOptions& options, const StateDir& state) {
  Expected<ConfigFile> config = read_base(options, state);
  if (!config) return config;
  for (const std::string& text : options.settings)
    if (auto set = set_one(*config, text); !set) return std::unexpected(std::move(set.error()));
  if (options.port) {
    put(*config, *find_place({}, "http-port"), fmt::to_string(*options.port));
    put(*config, *find_place({}, "grpc-port"), fmt::to_string(*options.port == 0 ? 0 : *options.port + 1));
  }
  for (const Place& place : kPlaces) {
    CLI::Option* option = command.get_option(fmt::format("--{}", place.option));
    if (option->count() == 0) continue;
    if (const ConfigEntry* replaced = config->find(place.section, place.option))
      if (auto right = check_overridden(*option, *config, *replaced); !right)
        return std::unexpected(std::move(right.error()));
    put(*config, place, fmt::to_string(fmt::join(option->results(), ",")));
  }
  if (auto checked = check_up_section(*config); !checked) return std::unexpected(std::move(checked.error()));
  for (const Place& place : kPlaces) {
    CLI::Option* option = command.get_option(fmt::format("--{}", place.option));
    const ConfigEntry* entry = config->find(place.section, place.option);
    if (option->count() > 0 || entry == nullptr) continue;
    if (auto set = set_from_config(*option, *config, *entry); !set) return std::unexpected(std::move(set.error()));
    if (names_a_file(place, entry->value)) config->set(place.section, place.option, absolute(entry->value));
  }
  expand_timing(*config, options);
  return config;
}

}  // namespace kilonova::up
