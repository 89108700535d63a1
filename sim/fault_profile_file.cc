#include "sim/fault_profile_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>
#include <variant>

#include "base/random.h"
#include "compute-node/hypervisor/timing_model.h"
#include "sim/shipped_profiles.h"

namespace kilonova::sim {
namespace {

using ProbabilityField = double NetworkFaults::*;
using TimeField = Duration NetworkFaults::*;
using RecurringField = Recurring FaultProfile::*;
using FactorField = double FaultProfile::*;
using SwitchField = bool FaultProfile::*;

struct Key {
  std::string_view name;
  std::variant<ProbabilityField, TimeField, RecurringField, FactorField, SwitchField> field;
  std::string_view lasts;  // of a recurring one, the word before its second part: for, by, or none
};

const std::array kKeys{
    Key{"latency", &NetworkFaults::latency_max, ""},
    Key{"service_time", &NetworkFaults::service_time, ""},
    Key{"lose_frame", &NetworkFaults::lose_frame, ""},
    Key{"repeat_frame", &NetworkFaults::repeat_frame, ""},
    Key{"reorder_frame", &NetworkFaults::reorder_frame, ""},
    Key{"lose_message", &NetworkFaults::lose_message, ""},
    Key{"repeat_message", &NetworkFaults::repeat_message, ""},
    Key{"break_connection", &NetworkFaults::break_connection, ""},
    Key{"cut", &FaultProfile::cut, "for"},
    Key{"clog", &FaultProfile::clog, "for"},
    Key{"narrow", &FaultProfile::narrow, "for"},
    Key{"deaf", &FaultProfile::deaf, "for"},
    Key{"weary_disk", &FaultProfile::weary_disk, "for"},
    Key{"disconnect", &FaultProfile::disconnect, ""},
    Key{"kill_controller", &FaultProfile::kill_controller, "for"},
    Key{"kill_scheduler", &FaultProfile::kill_scheduler, "for"},
    Key{"kill_network", &FaultProfile::kill_network, "for"},
    Key{"kill_compute", &FaultProfile::kill_compute, "for"},
    Key{"kill_api", &FaultProfile::kill_api, "for"},
    Key{"second_process", &FaultProfile::second_process, "for"},
    Key{"crash_host", &FaultProfile::crash_host, "for"},
    Key{"cut_power", &FaultProfile::cut_power, "for"},
    Key{"slow_daemon", &FaultProfile::slow_daemon, "for"},
    Key{"full_disk", &FaultProfile::full_disk, "for"},
    Key{"refusal", &FaultProfile::refusal, ""},
    Key{"slow_disk", &FaultProfile::slow_disk, "for"},
    Key{"go_back", &FaultProfile::go_back, "for"},
    Key{"reset_cloud", &FaultProfile::reset_cloud, ""},
    Key{"liar", &FaultProfile::liar, "for"},
    Key{"skew", &FaultProfile::skew, "by"},
    Key{"fault_rules", &FaultProfile::fault_rules, ""},
    Key{"slow_hypervisors", &FaultProfile::slow_hypervisors, ""},
    Key{"tight_quota", &FaultProfile::tight_quota, ""},
    Key{"small_hosts", &FaultProfile::small_hosts, ""},
};

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  std::vector<std::string_view> words;
  for (size_t at = text.find_first_not_of(kBlanks); at != std::string_view::npos;
       at = text.find_first_not_of(kBlanks, at)) {
    size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

std::optional<double> number_of(std::string_view word) {
  double number = 0;
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number, std::chars_format::fixed);
  if (error != std::errc() || end != word.data() + word.size() || !(number >= 0)) return std::nullopt;
  return number;
}

}  // namespace

// One line's value, word by word.
class FaultProfileFile::Parser {
 public:
  explicit Parser(std::string_view value) : words_(words_of(value)) {}

  Expected<Entry> parse(size_t key) {
    Entry entry{.key = key, .value = {}, .lasts = {}, .chance = 1};
    if (Expected<> valued = parse_value(kKeys[key], entry); !valued) return std::unexpected(valued.error());
    if (take("in")) {
      std::string_view word = next();
      std::optional<double> percent = word.ends_with('%') ? number_of(word.substr(0, word.size() - 1)) : std::nullopt;
      if (!percent || *percent > 100) return wrong(fmt::format("'{}' is no share: say 0% to 100%", word));
      entry.chance = *percent / 100;
    }
    if (!words_.empty())
      return wrong(fmt::format("'{}' is too much: the line ends before it, or with 'in 50%'", words_[0]));
    return entry;
  }

 private:
  static std::unexpected<Error> wrong(std::string why) { return fail(ErrorCode::kInvalidArgument, std::move(why)); }

  std::string_view next() {
    if (words_.empty()) return "";
    std::string_view word = words_.front();
    words_.erase(words_.begin());
    return word;
  }
  bool take(std::string_view word) {
    if (words_.empty() || words_.front() != word) return false;
    next();
    return true;
  }

  template <class Of>
  Expected<> parse_range(Range& range, Of value_of) {
    Expected<double> low = value_of(next());
    if (!low) return std::unexpected(low.error());
    range = {*low, *low};
    if (!take("..")) return {};
    Expected<double> high = value_of(next());
    if (!high) return std::unexpected(high.error());
    range.high = *high;
    if (range.high < range.low) return wrong("the range ends below its beginning: the smaller comes first");
    return {};
  }
  static Expected<double> duration(std::string_view word) {
    for (auto [unit, us] : {std::pair{'m', 60e6}, std::pair{'h', 3'600e6}, std::pair{'d', 86'400e6}}) {
      if (!word.ends_with(unit)) continue;
      std::optional<double> number = number_of(word.substr(0, word.size() - 1));
      if (number && *number * us <= 1'000 * 86'400e6) return *number * us;
    }
    if (Expected<Duration> parsed = compute::parse_timing_duration(word)) return static_cast<double>(parsed->us);
    return wrong(fmt::format("'{}' is no duration: say 0, or a number with us, ms, s, m, h or d, up to 1000d", word));
  }
  static Expected<double> probability(std::string_view word) {
    std::optional<double> number = number_of(word);
    if (!number || *number > 1) return wrong(fmt::format("'{}' is no probability: say 0 to 1", word));
    return *number;
  }
  static Expected<double> factor(std::string_view word) {
    std::optional<double> number = number_of(word);
    if (!number || *number > 1000) return wrong(fmt::format("'{}' is no factor: say 0 to 1000", word));
    return *number;
  }

  Expected<> parse_value(const Key& key, Entry& entry) {
    if (std::holds_alternative<ProbabilityField>(key.field)) return parse_range(entry.value, probability);
    if (std::holds_alternative<TimeField>(key.field)) return parse_range(entry.value, duration);
    if (std::holds_alternative<FactorField>(key.field)) return parse_range(entry.value, factor);
    if (std::holds_alternative<SwitchField>(key.field))
      return take("yes") ? Expected<>()
                         : wrong(fmt::format("'{}' is no switch: say yes, or leave the line out", next()));
    return parse_recurring(key, entry);
  }
  Expected<> parse_recurring(const Key& key, Entry& entry) {
    std::string form = key.lasts.empty() ? "'every 60s'" : fmt::format("'every 60s {} 90s'", key.lasts);
    if (!take("every")) return wrong(fmt::format("{} strikes again and again: say {}", key.name, form));
    if (Expected<> every = parse_range(entry.value, duration); !every) return every;
    if (entry.value.low <= 0) return wrong("every 0 is too often: leave the line out for never");
    if (key.lasts.empty()) return {};
    if (!take(key.lasts)) return wrong(fmt::format("how long {} lasts is missing: say {}", key.name, form));
    return parse_range(entry.lasts, duration);
  }

  std::vector<std::string_view> words_;
};

Expected<FaultProfileFile> FaultProfileFile::parse(std::string_view text, std::string_view file_name) {
  FaultProfileFile file;
  for (size_t number = 1; !text.empty(); ++number) {
    size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = line.substr(0, line.find('#'));
    if (words_of(line).empty()) continue;
    auto wrong = [&](const std::string& why) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("{}:{}: {}", file_name, number, why));
    };
    size_t equals = line.find('=');
    std::vector<std::string_view> name = words_of(line.substr(0, equals));
    if (equals == std::string_view::npos || name.size() != 1)
      return wrong(fmt::format("'{}' is not of the form key = value", line));
    auto key = std::ranges::find(kKeys, name[0], &Key::name);
    if (key == kKeys.end()) return wrong(fmt::format("unknown key '{}'; known are {}", name[0], known_fault_keys()));
    size_t index = static_cast<size_t>(key - kKeys.begin());
    if (std::ranges::find(file.entries_, index, &Entry::key) != file.entries_.end())
      return wrong(fmt::format("{} is said twice: once is enough", name[0]));
    Expected<Entry> entry = Parser(line.substr(equals + 1)).parse(index);
    if (!entry) return wrong(entry.error().message);
    file.entries_.push_back(*entry);
  }
  return file;
}

Expected<FaultProfileFile> FaultProfileFile::load(const std::string& name_or_path) {
  for (const ShippedProfile& shipped : shipped_profiles())
    if (shipped.name == name_or_path) return parse(shipped.text, shipped.name);
  std::ifstream stream(name_or_path);
  std::ostringstream text;
  if (!stream || !(text << stream.rdbuf()).good())
    return fail(ErrorCode::kNotFound, fmt::format("'{}' is neither a fault profile ({}) nor a file of one",
                                                  name_or_path, shipped_profile_names()));
  return parse(text.str(), name_or_path);
}

Expected<> FaultProfileFile::leave_out(const std::vector<std::string>& keys) {
  for (const std::string& name : keys) {
    auto key = std::ranges::find(kKeys, name, &Key::name);
    if (key == kKeys.end())
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("unknown fault '{}'; known are {}", name, known_fault_keys()));
    std::erase_if(entries_, [&](const Entry& entry) { return kKeys[entry.key].name == name; });
  }
  return {};
}

std::vector<std::string> FaultProfileFile::keys() const {
  std::vector<std::string> keys;
  for (const Entry& entry : entries_) keys.emplace_back(kKeys[entry.key].name);
  return keys;
}

FaultProfile FaultProfileFile::draw(uint64_t seed) const {
  FaultProfile profile;
  for (const Entry& entry : entries_) {
    const Key& key = kKeys[entry.key];
    Random random(seed, "profile", key.name);
    if (!random.chance(entry.chance)) continue;
    auto number = [&](const Range& range) { return range.low + (range.high - range.low) * random.uniform(); };
    auto time = [&](const Range& range) { return microseconds(static_cast<int64_t>(number(range))); };
    profile.calm = false;
    if (const auto* probability = std::get_if<ProbabilityField>(&key.field)) {
      profile.network.*(*probability) = number(entry.value);
    } else if (const auto* duration = std::get_if<TimeField>(&key.field)) {
      profile.network.*(*duration) = time(entry.value);
    } else if (const auto* strikes = std::get_if<RecurringField>(&key.field)) {
      profile.*(*strikes) = {time(entry.value), time(entry.lasts)};
    } else if (const auto* factor = std::get_if<FactorField>(&key.field)) {
      profile.*(*factor) = number(entry.value);
    } else {
      profile.*(std::get<SwitchField>(key.field)) = true;
    }
  }
  profile.network.latency_min = std::min(profile.network.latency_min, profile.network.latency_max);
  return profile;
}

std::string shipped_profile_names() {
  std::vector<std::string_view> names;
  for (const ShippedProfile& shipped : shipped_profiles()) names.push_back(shipped.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::vector<std::string_view> fault_keys() {
  std::vector<std::string_view> names;
  for (const Key& key : kKeys) names.push_back(key.name);
  return names;
}

std::string known_fault_keys() { return fmt::format("{}", fmt::join(fault_keys(), ", ")); }

}  // namespace kilonova::sim
