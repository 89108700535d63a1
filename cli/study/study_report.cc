#include "cli/study/study_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "cli/output/records.h"
#include "cli/output/table.h"
#include "cli/output/text.h"
#include "cli/study/study_plots.h"

namespace kilonova::cli {
namespace {

// Rows of a title and a cell for each setting.
using Rows = std::vector<std::vector<std::string>>;

// As many settings in a table as there is room for, but one at least.
std::string side_by_side(const std::string& first_title, const StudyResults& results, const Rows& rows, size_t width) {
  size_t first_width = display_width(first_title);
  for (const auto& row : rows) first_width = std::max(first_width, display_width(row[0]));
  std::string text;
  for (size_t begin = 0; begin < results.settings.size();) {
    std::vector<Table::Column> columns{{first_title}};
    size_t taken = first_width, end = begin;
    for (; end < results.settings.size(); ++end) {
      size_t cell_width = display_width(results.settings[end].name);
      for (const auto& row : rows) cell_width = std::max(cell_width, display_width(row[1 + end]));
      taken += 2 + cell_width;
      if (taken > width && end > begin) break;
      columns.push_back({results.settings[end].name, Align::kRight});
    }
    Table table(std::move(columns));
    for (const auto& row : rows) {
      std::vector<std::string> cells{row[0]};
      cells.insert(cells.end(), row.begin() + 1 + static_cast<ptrdiff_t>(begin),
                   row.begin() + 1 + static_cast<ptrdiff_t>(end));
      table.add_row(std::move(cells));
    }
    text += table.render(width) + "\n";
    begin = end;
  }
  return text;
}

uint64_t decisions_of(const SettingResults& setting) {
  uint64_t decisions = 0;
  for (const study::RunResult& run : setting.runs) decisions += run.decisions;
  return decisions;
}

std::string digest_text(uint64_t digest) { return fmt::format("{:016x}", digest); }

// Of all runs of the setting, in their order.
uint64_t digest_of(const SettingResults& setting) {
  uint64_t digest = 14'695'981'039'346'656'037ULL;
  for (const study::RunResult& run : setting.runs) digest = (digest ^ run.digest) * 1'099'511'628'211ULL;
  return digest;
}

std::string over_time_csv(const StudyResults& results) {
  std::string csv =
      "setting,seed,time_s,servers,refused,conflicts,empty_hosts,vcpus_allocated,memory_allocated,third_allocated,"
      "vcpus_packing,memory_packing,third_packing,vcpus_stranded,memory_stranded,third_stranded\n";
  for (const SettingResults& setting : results.settings)
    for (size_t i = 0; i < setting.runs.size(); ++i)
      for (const study::Sample& sample : setting.runs[i].samples) {
        csv += fmt::format("{},{},{},{},{},{},{:.6f}", setting.name, results.file.first_seed + i,
                           static_cast<double>(sample.time.us) / 1e6, sample.servers, sample.refused, sample.conflicts,
                           sample.fleet.empty_hosts);
        for (const study::PerResource* part : {&sample.fleet.allocated, &sample.fleet.packing, &sample.fleet.stranded})
          for (double value : *part) csv += fmt::format(",{:.6f}", value);
        csv += '\n';
      }
  return csv;
}

std::string summary_csv(const StudyResults& results) {
  std::string csv = "setting,seed,digest";
  for (const Figure& figure : study_figures()) csv += fmt::format(",{}", figure.key);
  csv += '\n';
  for (const SettingResults& setting : results.settings)
    for (size_t i = 0; i < setting.runs.size(); ++i) {
      csv += fmt::format("{},{},{}", setting.name, results.file.first_seed + i, digest_text(setting.runs[i].digest));
      for (const Figure& figure : study_figures()) csv += fmt::format(",{:.6g}", figure.of(setting.runs[i]));
      csv += '\n';
    }
  return csv;
}

std::string refusals_csv(const StudyResults& results) {
  std::string csv = "setting,seed,reason,requests\n";
  for (const SettingResults& setting : results.settings)
    for (size_t i = 0; i < setting.runs.size(); ++i)
      for (const auto& [reason, count] : setting.runs[i].refusals)
        csv += fmt::format("{},{},{},{}\n", setting.name, results.file.first_seed + i, csv_field(reason), count);
  return csv;
}

Json spread_json(const Spread& spread) {
  return {{"mean", spread.mean}, {"least", spread.least}, {"most", spread.most}, {"deviation", spread.deviation}};
}

Json setting_json(const StudyResults& results, const SettingResults& setting) {
  Json figures = Json::object(), refusals = Json::object(), runs = Json::array();
  for (const Figure& figure : told_figures(results))
    figures[std::string(figure.key)] = spread_json(spread_of(setting, figure));
  for (const std::string& reason : refusal_reasons(results))
    refusals[reason] = spread_json(refusals_of(setting, reason));
  for (size_t i = 0; i < setting.runs.size(); ++i) {
    const study::RunResult& run = setting.runs[i];
    Json values = Json::object();
    for (const Figure& figure : told_figures(results)) values[std::string(figure.key)] = figure.of(run);
    runs.push_back({{"seed", results.file.first_seed + i},
                    {"digest", digest_text(run.digest)},
                    {"decisions", run.decisions},
                    {"figures", values},
                    {"refusals", run.refusals}});
  }
  Json measured{{"p50_us", decision_ns(setting, 0.5) / 1e3},
                {"p90_us", decision_ns(setting, 0.9) / 1e3},
                {"p99_us", decision_ns(setting, 0.99) / 1e3},
                {"max_us", decision_ns(setting, 1) / 1e3}};
  return {{"name", setting.name},       {"digest", digest_text(digest_of(setting))},
          {"figures", figures},         {"refusals", refusals},
          {"decision_times", measured}, {"runs", runs}};
}

}  // namespace

Spread refusals_of(const SettingResults& setting, const std::string& reason) {
  std::vector<double> counts;
  for (const study::RunResult& run : setting.runs) {
    const auto found = run.refusals.find(reason);
    counts.push_back(found == run.refusals.end() ? 0 : static_cast<double>(found->second));
  }
  return spread_of(counts);
}

std::string figure_text(const Spread& spread, bool is_share) {
  const double factor = is_share ? 100 : 1;
  const double mean = spread.mean * factor, deviation = spread.deviation * factor;
  const bool is_whole = !is_share && spread.least == spread.most;
  std::string text = is_whole ? fmt::format("{:.0f}", mean) : fmt::format("{:.1f}", mean);
  if (spread.least != spread.most) text += fmt::format(" ±{:.1f}", deviation);
  return text;
}

std::vector<Figure> told_figures(const StudyResults& results) {
  const bool has_third = std::ranges::any_of(results.settings, [](const SettingResults& setting) {
    return std::ranges::any_of(setting.runs, [](const auto& run) { return run.mean.allocated[2] > 0; });
  });
  std::vector<Figure> figures = study_figures();
  std::erase_if(figures, [&](const Figure& figure) { return figure.of_gpus && !has_third; });
  return figures;
}

std::string study_text(const StudyResults& results, size_t width) {
  std::string text;
  if (!results.file.title.empty()) text += one_line(results.file.title) + "\n";
  text += fmt::format("{} requests ({} departures) on {} hosts; {} settings, {} seed{} each\n\n", results.requests,
                      results.departures, results.hosts, results.settings.size(), results.file.seeds(),
                      results.file.seeds() == 1 ? "" : "s");
  Rows rows;
  for (const Figure& figure : told_figures(results)) {
    std::vector<std::string> row{title_of(figure, results.file.has_gpus) + (figure.is_share ? " %" : "")};
    for (const SettingResults& setting : results.settings)
      row.push_back(figure_text(spread_of(setting, figure), figure.is_share));
    rows.push_back(std::move(row));
  }
  text += side_by_side("Measure", results, rows, width);
  if (const auto reasons = refusal_reasons(results); !reasons.empty()) {
    rows.clear();
    for (const std::string& reason : reasons) {
      rows.push_back({cut_to_width(reason, width / 2)});
      for (const SettingResults& setting : results.settings)
        rows.back().push_back(figure_text(refusals_of(setting, reason), false));
    }
    text += side_by_side("Refused because", results, rows, width);
  }
  rows.clear();
  for (const auto& [name, share] : kDecisionShares) {
    rows.push_back({fmt::format("{} within us", name)});
    for (const SettingResults& setting : results.settings)
      rows.back().push_back(fmt::format("{:.1f}", decision_ns(setting, share) / 1e3));
  }
  text += side_by_side("Decisions, measured", results, rows, width);
  rows.assign(1, {"digest"});
  for (const SettingResults& setting : results.settings)
    rows.back().push_back(digest_text(digest_of(setting)).substr(0, 12));
  text += side_by_side("The same twice", results, rows, width);
  uint64_t decisions = 0;
  for (const SettingResults& setting : results.settings) decisions += decisions_of(setting);
  text += fmt::format("± is the standard deviation over the seeds. {} decisions in {}\n", decisions,
                      format_duration(results.took));
  return text;
}

Json study_json(const StudyResults& results) {
  Json settings = Json::array();
  for (const SettingResults& setting : results.settings) settings.push_back(setting_json(results, setting));
  return {{"title", results.file.title},
          {"hosts", results.hosts},
          {"requests", results.requests},
          {"departures", results.departures},
          {"third_resource", results.file.has_gpus ? "gpus" : "disk"},
          {"first_seed", results.file.first_seed},
          {"last_seed", results.file.last_seed},
          {"span_us", results.span.us},
          {"settings", settings},
          {"took_us", results.took.us}};
}

std::vector<std::pair<std::string, std::string>> study_tables_csv(const StudyResults& results) {
  return {{"summary.csv", summary_csv(results)},
          {"over-time.csv", over_time_csv(results)},
          {"refusals.csv", refusals_csv(results)}};
}

std::vector<std::pair<std::string, std::string>> study_files(const StudyResults& results) {
  std::vector<std::pair<std::string, std::string>> files = study_tables_csv(results);
  for (const Plot& plot : study_plots(results)) {
    files.emplace_back(plot.key + ".csv", csv_of(plot));
    files.emplace_back(plot.key + ".svg", svg_of(plot));
  }
  return files;
}

}  // namespace kilonova::cli
