#include "cli/load/process_usage.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "cli/output/read_file.h"

namespace kilonova::cli {
namespace {

// proc(5): of /proc/PID/stat, behind the command's name in brackets, which may hold anything.
constexpr int kUserTicks = 14;
constexpr int kSystemTicks = 15;
constexpr int kRssPages = 24;
constexpr int kFirstBehindName = 3;

// "VmHWM:     12345 kB" of /proc/PID/status.
uint64_t peak_of(pid_t pid) {
  Expected<std::string> status = read_file(fmt::format("/proc/{}/status", pid));
  size_t at = status ? status->find("VmHWM:") : std::string::npos;
  return at == std::string::npos ? 0 : std::strtoull(status->c_str() + at + 6, nullptr, 10);
}

}  // namespace

std::optional<ProcessUsage> process_usage(pid_t pid) {
  Expected<std::string> stat = read_file(fmt::format("/proc/{}/stat", pid));
  if (!stat) return std::nullopt;
  size_t name_end = stat->rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(stat->substr(name_end + 1));
  ProcessUsage usage;
  std::string field;
  double ticks = 0;
  for (int number = kFirstBehindName; number <= kRssPages && fields >> field; ++number) {
    if (number == kUserTicks || number == kSystemTicks) ticks += std::stod(field);
    if (number == kRssPages) usage.rss_kb = std::stoull(field) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) / 1024;
  }
  usage.peak_kb = peak_of(pid);
  usage.cpu_seconds = ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
  return usage;
}

CostMeter::CostMeter(std::vector<CloudDaemon> daemons) {
  daemons.push_back({"client", getpid()});
  for (CloudDaemon& daemon : daemons) {
    auto before = process_usage(daemon.pid);
    readings_.push_back({std::move(daemon), before});
  }
}

std::vector<DaemonCost> CostMeter::since() const {
  std::vector<DaemonCost> costs;
  for (const Reading& reading : readings_) {
    auto now = process_usage(reading.daemon.pid);
    if (now && reading.before)
      costs.push_back({reading.daemon.name, now->cpu_seconds - reading.before->cpu_seconds, now->rss_kb, now->peak_kb});
  }
  return costs;
}

}  // namespace kilonova::cli
