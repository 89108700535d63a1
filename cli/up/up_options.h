// What `kilonova up` was asked for, and the daemons that follow from it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "cli/up/state_dir.h"

namespace kilonova::up {

struct UpOptions {
  uint32_t hosts = 10;
  std::string hosts_file;
  std::string hosts_columns;
  uint32_t computes = 1;
  uint32_t schedulers = 1;
  std::string driver = "filter";
  std::string timing = "instant";
  double time_factor = 1.0;
  uint16_t grpc_port = 8775;
  std::string sync = "normal";
  std::string log_level = "info";
  std::string log_format = "human";
  double cpu_ratio = 16.0;
  double ram_ratio = 1.5;
  double disk_ratio = 1.0;
  uint32_t max_attempts = 3;
  uint32_t max_unstable = 200'000;
  Duration report_interval = seconds(10);
  Duration service_down_time = seconds(60);
  Duration rpc_response_timeout = seconds(60);
  bool detach = false;
};

struct DaemonSpec {
  std::string name;
  std::vector<std::string> argv;
};

// The controller first: the others need it.
std::vector<DaemonSpec> daemons_of(const UpOptions& options, const StateDir& state, const std::string& binary_dir);

}  // namespace kilonova::up
