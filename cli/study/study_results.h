// All runs of a study, and what they come to.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/study/study_file.h"
#include "sim/study/run_study.h"

namespace kilonova::cli {

struct SettingResults {
  std::string name;
  std::vector<study::RunResult> runs;  // one for each seed, in their order
};

struct StudyResults {
  StudyFile file;
  size_t hosts = 0;
  size_t requests = 0;
  size_t departures = 0;
  Duration span;                         // from the first arrival to the last event
  std::vector<SettingResults> settings;  // as in the file
  Duration took;                         // measured
};

// A figure over the seeds of a setting.
struct Spread {
  double mean = 0;
  double least = 0;
  double most = 0;
  double deviation = 0;  // of the sample: n - 1; 0 for one seed
};
Spread spread_of(const std::vector<double>& values);  // at least one

// One figure of a run, as the tables and files name it.
struct Figure {
  std::string_view key;    // "empty_hosts_at_end"
  std::string_view title;  // "empty hosts, at end"
  bool is_share = true;    // from 0 to 1, shown as percent; else a count
  bool of_gpus = false;    // of the third resource, which is GPUs in a study of these and disk in others
  double (*of)(const study::RunResult& run) = nullptr;
};
// Those that are the same twice, in the order of the tables.
const std::vector<Figure>& study_figures();
// Of one setting over its seeds.
Spread spread_of(const SettingResults& setting, const Figure& figure);
// The title, with the name of the third resource in it.
std::string title_of(const Figure& figure, bool has_gpus);

// Measured: what share of the decisions of all runs took no longer, in nanoseconds; 0 where there was none.
double decision_ns(const SettingResults& setting, double share);

// Runs all settings with all seeds, on `threads` threads (at least 1); `progress` is called on the caller's, with how
// many runs are done.
StudyResults run_all(const StudyFile& file, const study::Workload& workload, size_t threads,
                     const study::ReadClock& clock, const std::function<void(size_t done, size_t all)>& progress);

// All reasons of all settings, the most frequent first.
std::vector<std::string> refusal_reasons(const StudyResults& results);

}  // namespace kilonova::cli
