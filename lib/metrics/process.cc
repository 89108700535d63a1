#include "metrics/process.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace kilonova {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

std::optional<double> resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  uint64_t size = 0, resident = 0;
  if (!(statm >> size >> resident)) return std::nullopt;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

std::optional<double> open_files() {
  DIR* directory = ::opendir("/proc/self/fd");
  if (directory == nullptr) return std::nullopt;
  size_t entries = 0;
  while (::readdir(directory) != nullptr) ++entries;
  ::closedir(directory);
  constexpr size_t kNoFiles = 3;  // ".", "..", and the directory itself
  return entries < kNoFiles ? 0.0 : static_cast<double>(entries - kNoFiles);
}

// Field 22 of /proc/self/stat, in ticks since the machine started; the second one may hold spaces, in parentheses.
std::optional<double> started_at() {
  std::ifstream stat("/proc/self/stat"), machine("/proc/stat");
  std::string line;
  if (!std::getline(stat, line) || line.rfind(')') == std::string::npos) return std::nullopt;
  std::istringstream rest(line.substr(line.rfind(')') + 1));
  std::string word;
  constexpr int kStartTime = 22 - 2;
  for (int i = 0; i < kStartTime; ++i)
    if (!(rest >> word)) return std::nullopt;
  const double ticks = std::strtod(word.c_str(), nullptr);
  while (machine >> word) {
    double booted = 0;
    if (word == "btime" && machine >> booted) return booted + ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }
  return std::nullopt;
}

}  // namespace

void add_process_metrics(MetricPage& page) {
  if (auto bytes = resident_bytes()) page.add(metric::kResidentMemory, *bytes);
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0)
    page.add(metric::kCpu, seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
  if (auto files = open_files()) page.add(metric::kOpenFiles, *files);
  static const std::optional<double> kStarted = started_at();
  if (kStarted) page.add(metric::kStartTime, *kStarted);
}

}  // namespace kilonova
