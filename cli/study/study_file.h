// The file of a study: which hosts and requests, which seeds, and which scheduler settings side by side. Its form is that of
// kilonova.conf, docs/studies.md has its keys. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "sim/study/run_study.h"

namespace kilonova::cli {

inline constexpr size_t kMaxSettings = 16;
inline constexpr uint64_t kMaxSeeds = 1'000;

struct StudySetting {
  std::string name;  // small letters, digits and dashes
  study::RunOptions options;
};

struct StudyFile {
  std::string title;
  std::string hosts_file;  // as the file says it: from its own directory
  std::string hosts_columns;
  std::string requests_file;
  std::string requests_columns;
  bool has_gpus = false;
  bool departures = true;
  double lifetime_factor = 1;
  double speed = 1;
  uint64_t first_seed = 1;
  uint64_t last_seed = 1;              // not before the first
  std::vector<StudySetting> settings;  // at least one, as in the file

  uint64_t seeds() const { return last_seed - first_seed + 1; }
};

// kInvalidArgument: one line with the file, the line, the key, its value and what would be right.
Expected<StudyFile> parse_study(std::string_view text, const std::string& path);

// An example with comments, which parse_study() reads.
std::string_view study_template();

}  // namespace kilonova::cli
