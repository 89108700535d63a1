#include "cli/study/study_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "base/did_you_mean.h"
#include "cli/output/text.h"
#include "daemon/config_file.h"
#include "daemon/config_options.h"
#include "scheduler/scheduler_options.h"

namespace kilonova::cli {
namespace {

constexpr std::string_view kStudySection = "study";
constexpr double kMaxFactor = 1e6;

// What [study] says, some of it still as text.
struct StudyTexts {
  std::string gpus = "no";
  std::string departures = "yes";
  std::string shuffle_hosts = "yes";
  std::string seeds = "1..1";
  std::string latency = "50us .. 200us";
};

Expected<> bad(std::string why) { return fail(ErrorCode::kInvalidArgument, std::move(why)); }

Expected<bool> yes_or_no(std::string_view text) {
  if (text == "yes" || text == "no") return text == "yes";
  return fail(ErrorCode::kInvalidArgument, "say yes or no");
}

std::optional<uint64_t> whole(std::string_view text) {
  const std::optional<int64_t> number = parse_integer(text);
  return number && *number >= 0 ? std::optional(static_cast<uint64_t>(*number)) : std::nullopt;
}

// "a .. b" or "a" as its two ends, without blanks.
std::pair<std::string, std::string> ends_of(std::string text) {
  std::erase(text, ' ');
  const size_t dots = text.find("..");
  if (dots == std::string::npos) return {text, text};
  return {text.substr(0, dots), text.substr(dots + 2)};
}

class StudyReader {
 public:
  explicit StudyReader(const ConfigFile& config) : config_(config) {}

  Expected<StudyFile> read() {
    if (auto right = read_study_section(); !right) return std::unexpected(std::move(right.error()));
    for (const std::string& section : config_.sections()) {
      if (section == kStudySection || section == kDefaultSection) continue;
      if (auto right = read_setting(section); !right) return std::unexpected(std::move(right.error()));
    }
    if (auto right = check_whole(); !right) return std::unexpected(std::move(right.error()));
    return std::move(file_);
  }

 private:
  // The options of the section, set by its own lines over those of [DEFAULT]. What is there twice was refused before.
  Expected<> apply(CLI::App& app, std::string_view section, const OptionsCheck& check) {
    app.parse(std::vector<std::string>());
    for (const ConfigEntry& entry : config_.entries()) {
      const bool is_default = entry.section == kDefaultSection && section != kStudySection;
      if (!is_default && entry.section != section) continue;
      CLI::Option* option = app.get_option_no_throw("--" + entry.key);
      if (option == nullptr) return config_.wrong(entry, no_such_key(app, entry.key));
      const bool is_overridden = is_default && config_.find(section, entry.key) != nullptr;
      auto set = is_overridden ? check_overridden(*option, config_, entry, check)
                               : set_from_config(*option, config_, entry, check);
      if (!set) return set;
    }
    return {};
  }

  static std::string no_such_key(const CLI::App& app, const std::string& key) {
    std::vector<std::string> known;
    for (const CLI::Option* option : app.get_options())
      for (const std::string& name : option->get_lnames()) known.push_back(name);
    if (auto meant = did_you_mean(key, known)) return fmt::format("there is no such key; did you mean {}?", *meant);
    return fmt::format("there is no such key: there are {}", fmt::join(known, ", "));
  }

  Expected<> read_study_section() {
    CLI::App app("a study");
    app.set_help_flag();
    app.add_option("--title", file_.title);
    app.add_option("--hosts-file", file_.hosts_file);
    app.add_option("--hosts-columns", file_.hosts_columns);
    app.add_option("--requests-file", file_.requests_file);
    app.add_option("--requests-columns", file_.requests_columns);
    app.add_option("--gpus", texts_.gpus);
    app.add_option("--departures", texts_.departures);
    app.add_option("--lifetime-factor", file_.lifetime_factor);
    app.add_option("--speed", file_.speed);
    app.add_option("--seeds", texts_.seeds);
    app.add_option("--shuffle-hosts", texts_.shuffle_hosts);
    app.add_option("--latency", texts_.latency);
    return apply(app, kStudySection, [this] { return check_study(); });
  }

  Expected<> check_study() {
    for (auto [text, value] : {std::pair(&texts_.gpus, &file_.has_gpus),
                               {&texts_.departures, &file_.departures},
                               {&texts_.shuffle_hosts, &common_.shuffle_hosts}}) {
      Expected<bool> said = yes_or_no(*text);
      if (!said) return std::unexpected(said.error());
      *value = *said;
    }
    for (double factor : {file_.lifetime_factor, file_.speed})
      if (!(factor >= 1 / kMaxFactor && factor <= kMaxFactor))
        return bad("it must be a number from 0.000001 to 1000000");
    if (auto read = read_seeds(); !read) return read;
    return read_latency();
  }

  Expected<> read_seeds() {
    auto [first, last] = ends_of(texts_.seeds);
    const std::optional<uint64_t> from = whole(first), to = whole(last);
    if (!from || !to || *to < *from) return bad("it must be a whole number, or two as in 1..10, the smaller one first");
    if (*to - *from >= kMaxSeeds) return bad(fmt::format("at most {} seeds can be studied", kMaxSeeds));
    file_.first_seed = *from;
    file_.last_seed = *to;
    return {};
  }

  Expected<> read_latency() {
    auto [least, most] = ends_of(texts_.latency);
    const Expected<Duration> from = parse_duration(least), to = parse_duration(most);
    if (!from || !to || *to < *from || *to > seconds(86'400))
      return bad("it must be a time, or two as in 50us .. 2ms, the shorter one first, up to 24h");
    common_.latency_min = *from;
    common_.latency_max = *to;
    return {};
  }

  Expected<> read_setting(const std::string& name) {
    StudySetting setting{.name = name, .options = common_};
    setting.options.has_gpus = file_.has_gpus;
    CLI::App app("a setting");
    app.set_help_flag();
    scheduler::add_scheduler_options(app, setting.options.scheduler);
    app.add_option("--schedulers", setting.options.schedulers);
    auto check = [&setting]() -> Expected<> {
      const uint32_t schedulers = setting.options.schedulers;
      if (schedulers < 1 || schedulers > study::kMaxSchedulers)
        return bad(fmt::format("it must be a whole number from 1 to {}", study::kMaxSchedulers));
      return scheduler::validate(setting.options.scheduler);
    };
    if (auto applied = apply(app, name, check); !applied) return applied;
    file_.settings.push_back(std::move(setting));
    return {};
  }

  Expected<> check_whole() const {
    auto wrong = [this](std::string_view why) { return bad(fmt::format("{}: {}", config_.path(), why)); };
    for (auto [key, value] : {std::pair("hosts-file", &file_.hosts_file), {"requests-file", &file_.requests_file}})
      if (value->empty()) return wrong(fmt::format("[study] has no {}: name a CSV file (docs/studies.md)", key));
    if (file_.settings.empty())
      return wrong("there is no setting: each is a section of its own, as [spread], with the options of a scheduler");
    if (file_.settings.size() > kMaxSettings)
      return wrong(
          fmt::format("there are {} settings; at most {} can be compared", file_.settings.size(), kMaxSettings));
    return {};
  }

  const ConfigFile& config_;
  StudyFile file_;
  StudyTexts texts_;
  study::RunOptions common_;  // of all settings
};

}  // namespace

Expected<StudyFile> parse_study(std::string_view text, const std::string& path) {
  Expected<ConfigFile> config = ConfigFile::parse(one_line(path), text, ConfigSections::kAnyName);
  if (!config) return std::unexpected(std::move(config.error()));
  return StudyReader(*config).read();
}

}  // namespace kilonova::cli
