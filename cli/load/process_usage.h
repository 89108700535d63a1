// What processes cost, from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/client/cloud_file.h"

namespace kilonova::cli {

struct ProcessUsage {
  double cpu_seconds = 0;  // user and system
  uint64_t rss_kb = 0;     // resident now
  uint64_t peak_kb = 0;    // resident at most, ever
};

// Nothing when there is no such process.
std::optional<ProcessUsage> process_usage(pid_t pid);

struct DaemonCost {
  std::string name;
  double cpu_seconds = 0;  // between two readings
  uint64_t rss_kb = 0;     // at the second one
  uint64_t peak_kb = 0;    // since the process began
};

// Reads all daemons, and this process as "client", at construction; since() tells the difference to now. A daemon that was
// not there at both times is left out.
class CostMeter {
 public:
  explicit CostMeter(std::vector<CloudDaemon> daemons);
  std::vector<DaemonCost> since() const;

 private:
  struct Reading {
    CloudDaemon daemon;
    std::optional<ProcessUsage> before;
  };
  std::vector<Reading> readings_;
};

}  // namespace kilonova::cli
