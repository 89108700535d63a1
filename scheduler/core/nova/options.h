// The options of nova.conf that Nova's scheduler reads, under their names, with their defaults (Nova 26.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kilonova::scheduler::nova {

struct Options {
  // [filter_scheduler]
  std::vector<std::string> enabled_filters = {"ComputeFilter", "ComputeCapabilitiesFilter", "ImagePropertiesFilter",
                                              "ServerGroupAntiAffinityFilter", "ServerGroupAffinityFilter"};
  // Weights are summed in this order. Nova has none: it loads all, in the order in which the file system lists them.
  std::vector<std::string> weighers = {"CrossCellWeigher",
                                       "MetricsWeigher",
                                       "CPUWeigher",
                                       "BuildFailureWeigher",
                                       "ServerGroupSoftAffinityWeigher",
                                       "ServerGroupSoftAntiAffinityWeigher",
                                       "RAMWeigher",
                                       "DiskWeigher",
                                       "PCIWeigher",
                                       "IoOpsWeigher"};
  double ram_weight_multiplier = 1.0;
  double cpu_weight_multiplier = 1.0;
  double disk_weight_multiplier = 1.0;
  double pci_weight_multiplier = 1.0;                 // at least 0
  double soft_affinity_weight_multiplier = 1.0;       // at least 0
  double soft_anti_affinity_weight_multiplier = 1.0;  // at least 0
  double io_ops_weight_multiplier = -1.0;
  double build_failure_weight_multiplier = 1000000.0;
  double cross_cell_move_weight_multiplier = 1000000.0;
  int64_t max_io_ops_per_host = 8;
  int64_t max_instances_per_host = 50;
  std::optional<std::string> image_properties_default_architecture;
  std::vector<std::string> isolated_images;
  std::vector<std::string> isolated_hosts;
  bool restrict_isolated_hosts_to_isolated_images = true;
  std::optional<std::string> aggregate_image_properties_isolation_namespace;
  std::string aggregate_image_properties_isolation_separator = ".";

  // [metrics]
  double metrics_weight_multiplier = 1.0;
  std::vector<std::pair<std::string, double>> metrics_weight_setting;  // as parse_weight_setting() reads them
  bool metrics_required = true;
  double metrics_weight_of_unavailable = -10000.0;

  // [DEFAULT]
  std::string default_availability_zone = "nova";
  int64_t service_down_time = 60;  // seconds
};

// Of "name=ratio": what is no such thing is left out, and no error. Nova: nova/scheduler/utils.py parse_options.
std::vector<std::pair<std::string, double>> parse_weight_setting(const std::vector<std::string>& setting);

}  // namespace kilonova::scheduler::nova
