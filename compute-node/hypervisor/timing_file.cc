// TimingModel::parse: the file format.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

#include "compute-node/hypervisor/timing_model.h"

namespace kilonova::compute {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;

std::string_view trimmed(std::string_view text) {
  size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::optional<uint64_t> parse_number(std::string_view text) {
  uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Digits with at most six decimals, as millionths: no floating point, so no rounding.
std::optional<int64_t> parse_millionths(std::string_view text) {
  size_t dot = text.find('.');
  std::string_view decimals = dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1);
  if (dot != std::string_view::npos && (decimals.empty() || decimals.size() > 6)) return std::nullopt;
  std::optional<uint64_t> whole = parse_number(text.substr(0, dot));
  if (!whole || *whole > static_cast<uint64_t>(kDayUs)) return std::nullopt;
  std::string padded(decimals);
  padded.resize(6, '0');
  std::optional<uint64_t> fraction = parse_number(padded);
  if (!fraction) return std::nullopt;
  return static_cast<int64_t>(*whole * 1'000'000 + *fraction);
}

Expected<TimingDistribution> parse_distribution(std::string_view value) {
  TimingDistribution distribution;
  size_t gap = value.find_first_of(" \t");
  Expected<Duration> median = parse_timing_duration(value.substr(0, gap));
  if (!median) return std::unexpected(median.error());
  distribution.median = *median;
  if (gap == std::string_view::npos) return distribution;
  std::string_view spread = trimmed(value.substr(gap));
  std::optional<uint64_t> percent;
  if (spread.ends_with('%')) percent = parse_number(spread.substr(0, spread.size() - 1));
  if (!percent || *percent > kMaxSpreadPercent)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is no spread: say 0% to {}%", spread, kMaxSpreadPercent));
  distribution.spread_percent = static_cast<uint32_t>(*percent);
  return distribution;
}

}  // namespace

Expected<Duration> parse_timing_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    int64_t us;
  };
  static constexpr auto kUnits = std::to_array<Unit>({{"us", 1}, {"ms", 1000}, {"s", 1'000'000}});
  if (text == "0") return Duration{};
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.name)) continue;
    std::optional<int64_t> millionths = parse_millionths(text.substr(0, text.size() - unit.name.size()));
    if (!millionths) break;
    __int128 us = static_cast<__int128>(*millionths) * unit.us / 1'000'000;
    if (us > kDayUs) break;
    return Duration{static_cast<int64_t>(us)};
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is no duration: say 0, or a number with us, ms or s, up to one day", text));
}

Expected<> TimingModel::apply(TimingModel& model, std::string_view key, std::string_view value) {
  std::string known;
  for (size_t work = 0; work < model.works_.size(); ++work) {
    known += fmt::format("{}, ", key_of(work));
    if (key != key_of(work)) continue;
    Expected<TimingDistribution> distribution = parse_distribution(value);
    if (!distribution) return std::unexpected(distribution.error());
    model.works_[work] = *distribution;
    return {};
  }
  if (key == "poll_interval") {
    Expected<Duration> interval = parse_timing_duration(value);
    if (!interval) return std::unexpected(interval.error());
    model.poll_interval_ = *interval;
    return {};
  }
  if (key == "image_bandwidth") {
    std::optional<uint64_t> mib_per_second = parse_number(value);
    if (!mib_per_second || *mib_per_second > 1'000'000)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' is no bandwidth: say whole MiB/s, 0 (no time) to 1000000", value));
    model.image_bytes_per_second_ = *mib_per_second << 20;
    return {};
  }
  return fail(ErrorCode::kInvalidArgument, fmt::format("unknown key '{}'; known are base, {}poll_interval, "
                                                       "image_bandwidth",
                                                       key, known));
}

Expected<TimingModel> TimingModel::parse(std::string_view text, std::string_view file_name) {
  TimingModel model;
  bool first = true;
  for (size_t number = 1; !text.empty(); ++number) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    line = trimmed(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    auto wrong = [&](const std::string& why) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("{}:{}: {}", file_name, number, why));
    };
    size_t equals = line.find('=');
    if (equals == std::string_view::npos) return wrong(fmt::format("'{}' is not of the form key = value", line));
    std::string_view key = trimmed(line.substr(0, equals));
    std::string_view value = trimmed(line.substr(equals + 1));
    if (key == "base") {
      if (!first) return wrong("base must come first: it sets everything");
      Expected<TimingModel> base = preset(value);
      if (!base) return wrong(fmt::format("'{}' is no base: say instant or realistic", value));
      model = *base;
    } else if (Expected<> applied = apply(model, key, value); !applied) {
      return wrong(applied.error().message);
    }
    first = false;
  }
  return model;
}

}  // namespace kilonova::compute
