// What a study prints and writes. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/output/print.h"
#include "cli/study/study_results.h"

namespace kilonova::cli {

// Tables of at most `width` columns (at least 60): settings side by side, in several tables where there is no room.
std::string study_text(const StudyResults& results, size_t width);

// docs/schemas/study.json.
Json study_json(const StudyResults& results);

// Names and texts of CSV files with a row for each run: summary.csv, over-time.csv, refusals.csv.
std::vector<std::pair<std::string, std::string>> study_tables_csv(const StudyResults& results);
// Names and texts of the files of --csv: those, and for each plot its .csv and .svg.
std::vector<std::pair<std::string, std::string>> study_files(const StudyResults& results);

// One page with everything in it: no script, nothing from elsewhere.
std::string study_html(const StudyResults& results);

// Which share of the decisions is told, and how it is called.
inline constexpr auto kDecisionShares =
    std::to_array<std::pair<std::string_view, double>>({{"half", 0.5}, {"90 %", 0.9}, {"99 %", 0.99}, {"all", 1}});

// How many were refused because of that, over the seeds.
Spread refusals_of(const SettingResults& setting, const std::string& reason);

// A cell of the tables: "71.3 ±0.2", percent for shares.
std::string figure_text(const Spread& spread, bool is_share);

// The figures that this study has something to say of: those of a resource that nobody asked for are left out.
std::vector<Figure> told_figures(const StudyResults& results);

}  // namespace kilonova::cli
