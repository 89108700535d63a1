// What an operator can set of a scheduler; names and defaults are Nova's where Nova has the option.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "domain/resources.h"

namespace kilonova::scheduler {

struct SchedulerOptions {
  std::string driver = "filter";  // or the article's "chance", "simple", "zone"
  // Of driver `filter`, in this order. Nova's ComputeFilter is UpFilter and EnabledFilter; zone and capacity are
  // Placement's there.
  std::vector<std::string> enabled_filters = {"UpFilter",
                                              "EnabledFilter",
                                              "AvailabilityZoneFilter",
                                              "CapacityFilter",
                                              "ServerGroupAntiAffinityFilter",
                                              "ServerGroupAffinityFilter"};
  // Of driver `filter`; their weights are added up in this order.
  std::vector<std::string> enabled_weighers = {"CPUWeigher", "RAMWeigher", "DiskWeigher",
                                               "ServerGroupSoftAffinityWeigher", "ServerGroupSoftAntiAffinityWeigher"};
  double cpu_weight_multiplier = 1.0;
  double ram_weight_multiplier = 1.0;
  double disk_weight_multiplier = 1.0;
  double soft_affinity_weight_multiplier = 1.0;
  double soft_anti_affinity_weight_multiplier = 1.0;
  AllocationRatios ratios;
  uint32_t host_subset_size = 1;
  uint32_t max_attempts = 3;            // hosts a launch may try: it gets max_attempts - 1 alternates
  uint32_t max_instances_per_host = 0;  // 0 = no limit; else NumInstancesFilter runs too
  int64_t max_cores = 16;               // of driver `simple`
  // How long casts wait for the usage of hosts that are up, after a start of the scheduler or of a compute process.
  Duration usage_patience = seconds(10);
  Duration debit_expiry = seconds(120);
  Duration report_interval = seconds(10);
};

// kInvalidArgument naming the option, its value and what would be right.
Expected<> validate(const SchedulerOptions& options);

}  // namespace kilonova::scheduler
