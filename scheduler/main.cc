// kilonova-scheduler: chooses a host for every launch and casts the work to it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <utility>

#include "daemon/run_daemon.h"
#include "scheduler/core/scheduler_core.h"
#include "scheduler/metrics.h"

namespace kilonova::scheduler {
namespace {

struct Options {
  DaemonOptions daemon{Role::kScheduler};
  SchedulerOptions scheduler;
};

class SchedulerDaemon final : public Daemon {
 public:
  SchedulerDaemon(DaemonContext& context, const SchedulerOptions& options)
      : core_(SchedulerPorts{context.loop, context.node, context.log, context.random("scheduler"), options}) {}

  Task<Expected<>> start() override {
    core_.start();
    co_return Expected<>();
  }
  PeerHandler& handler() override { return core_; }
  void add_metrics(MetricPage& page) override { scheduler::add_metrics(page, core_.core_state()); }
  // A cast before the hosts are known would find none valid.
  bool ready() const override {
    const HostManager& hosts = core_.core_state().hosts;
    return !hosts.registered().empty() && std::ranges::all_of(hosts.registered(), [&](HostIndex index) {
      const HostState& host = hosts.host(index);
      return !host.up || host.is_candidate();
    });
  }

 private:
  SchedulerCore core_;
};

void add_options(CLI::App& app, Options& options) {
  add_daemon_options(app, options.daemon);
  SchedulerOptions& s = options.scheduler;
  auto of_bexar = [&s] {
    s.driver = "chance";
    s.max_attempts = 1;
  };
  add_era_option(app, of_bexar, "bexar: driver chance, and no other host is tried");
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
  add_seconds_option(app, "--report-interval", s.report_interval, "between two heartbeats");
  app.add_option("--max-cores", s.max_cores, "vcpus of servers on one host, of driver simple");
  app.add_option("--max-instances-per-host", s.max_instances_per_host, "0 = no limit");
}

}  // namespace
}  // namespace kilonova::scheduler

int main(int argc, char** argv) {
  using namespace kilonova;
  using namespace kilonova::scheduler;
  Options options;
  CLI::App app("A scheduler of a kilonova cloud: chooses a host for every launch", "kilonova-scheduler");
  add_options(app, options);
  auto check = [&options] { return validate(options.scheduler); };
  if (auto exit_code = parse_command_line(app, argc, argv, options.daemon, check)) return *exit_code;
  return run_daemon(options.daemon, [&](DaemonContext& context) -> Expected<std::unique_ptr<Daemon>> {
    return std::make_unique<SchedulerDaemon>(context, options.scheduler);
  });
}
