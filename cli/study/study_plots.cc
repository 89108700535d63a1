#include "cli/study/study_plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace kilonova::cli {
namespace {

using study::Sample;

using OfSample = std::function<double(const Sample& sample)>;

struct TimeUnit {
  std::string_view name;
  double us = 1;
};

TimeUnit unit_of(Duration span) {
  for (const TimeUnit& unit : {TimeUnit{"days", 86'400e6}, TimeUnit{"hours", 3'600e6}, TimeUnit{"minutes", 60e6}})
    if (static_cast<double>(span.us) >= 3 * unit.us) return unit;
  return {"seconds", 1e6};
}

PlotLine line_of(const SettingResults& setting, const TimeUnit& unit, const OfSample& value) {
  PlotLine line{.name = setting.name, .x = {}, .y = {}, .least = {}, .most = {}};
  for (size_t i = 0; i < setting.runs.front().samples.size(); ++i) {
    std::vector<double> values;
    for (const study::RunResult& run : setting.runs) values.push_back(value(run.samples[i]));
    const Spread spread = spread_of(values);
    line.x.push_back(static_cast<double>(setting.runs.front().samples[i].time.us) / unit.us);
    line.y.push_back(spread.mean);
    line.least.push_back(spread.least);
    line.most.push_back(spread.most);
  }
  return line;
}

Plot over_time(const StudyResults& results, std::string key, std::string title, std::string y_title,
               const OfSample& value) {
  const TimeUnit unit = unit_of(results.span);
  Plot plot{.key = std::move(key),
            .title = std::move(title),
            .x_title = std::string(unit.name),
            .y_title = std::move(y_title),
            .lines = {}};
  for (const SettingResults& setting : results.settings) plot.lines.push_back(line_of(setting, unit, value));
  return plot;
}

// Which share of the decisions took no longer.
Plot decision_times(const StudyResults& results) {
  Plot plot{.key = "decision-times",
            .title = "Decision times (measured)",
            .x_title = "microseconds",
            .y_title = "% of decisions took no longer",
            .logarithmic_x = true,
            .lines = {}};
  constexpr double kShares[] = {0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1};
  for (const SettingResults& setting : results.settings) {
    PlotLine line{.name = setting.name, .x = {}, .y = {}, .least = {}, .most = {}};
    for (double share : kShares) {
      line.x.push_back(std::max(decision_ns(setting, share), 1.0) / 1e3);
      line.y.push_back(share * 100);
    }
    plot.lines.push_back(std::move(line));
  }
  return plot;
}

}  // namespace

std::vector<Plot> study_plots(const StudyResults& results) {
  std::vector<Plot> plots;
  auto add = [&](std::string key, std::string title, std::string y_title, const OfSample& value) {
    plots.push_back(over_time(results, std::move(key), std::move(title), std::move(y_title), value));
  };
  add("empty-hosts", "Empty hosts", "% of hosts", [](const Sample& sample) { return sample.fleet.empty_hosts * 100; });
  const std::string third = results.file.has_gpus ? "GPUs" : "disk";
  for (const auto& [r, name] : {std::pair<size_t, std::string>(0, "vCPUs"), {1, "memory"}, {2, third}}) {
    const bool is_used = std::ranges::any_of(results.settings, [r](const SettingResults& setting) {
      return std::ranges::any_of(setting.runs, [r](const auto& run) { return run.mean.allocated[r] > 0; });
    });
    if (!is_used) continue;
    const std::string key = r == 0 ? "vcpus" : r == 1 ? "memory" : results.file.has_gpus ? "gpus" : "disk";
    add(key + "-allocated", fmt::format("Allocated: {}", name), "% of the capacity",
        [r](const Sample& sample) { return sample.fleet.allocated[r] * 100; });
    add(key + "-packing", fmt::format("Packing: {}", name), "% of the capacity of hosts in use",
        [r](const Sample& sample) { return sample.fleet.packing[r] * 100; });
    add(key + "-stranded", fmt::format("Stranded: {}", name), "% of the capacity",
        [r](const Sample& sample) { return sample.fleet.stranded[r] * 100; });
  }
  add("refused", "Refused requests", "so far",
      [](const Sample& sample) { return static_cast<double>(sample.refused); });
  add("conflicts", "Conflicts: claims that a host refused", "so far",
      [](const Sample& sample) { return static_cast<double>(sample.conflicts); });
  plots.push_back(decision_times(results));
  return plots;
}

}  // namespace kilonova::cli
