#include "scheduler/scheduler_options.h"

#include <CLI/CLI.hpp>

namespace kilonova::scheduler {

void add_scheduler_options(CLI::App& app, SchedulerOptions& s) {
  app.add_option("--driver", s.driver, "filter, or of 2011: chance, simple, zone");
  app.add_option("--enabled-filters", s.enabled_filters, "filters of driver filter, in their order")->delimiter(',');
  app.add_option("--enabled-weighers", s.enabled_weighers, "weighers of driver filter, in the order of their sum")
      ->delimiter(',');
  app.add_option("--cpu-weight-multiplier", s.cpu_weight_multiplier, "weight of free vcpus");
  app.add_option("--ram-weight-multiplier", s.ram_weight_multiplier, "weight of free memory; negative packs");
  app.add_option("--disk-weight-multiplier", s.disk_weight_multiplier, "weight of free disk");
  app.add_option("--soft-affinity-weight-multiplier", s.soft_affinity_weight_multiplier,
                 "weight of servers of the same group, of policy soft-affinity");
  app.add_option("--soft-anti-affinity-weight-multiplier", s.soft_anti_affinity_weight_multiplier,
                 "weight of the absence of servers of the same group, of policy soft-anti-affinity");
  app.add_option("--cpu-allocation-ratio", s.ratios.vcpus, "vCPU overcommit ratio");
  app.add_option("--ram-allocation-ratio", s.ratios.memory, "memory overcommit ratio");
  app.add_option("--disk-allocation-ratio", s.ratios.disk, "disk overcommit ratio");
  app.add_option("--host-subset-size", s.host_subset_size, "choose at random among this many of the best");
  app.add_option("--max-attempts", s.max_attempts, "hosts that a launch may try");
  app.add_option("--max-cores", s.max_cores, "vcpus of servers on one host, of driver simple");
  app.add_option("--max-instances-per-host", s.max_instances_per_host, "0 = no limit");
}

}  // namespace kilonova::scheduler
