// kilonova-scheduler: chooses a host for every launch and casts the work to it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <utility>

#include "daemon/run_daemon.h"
#include "scheduler/core/scheduler_core.h"
#include "scheduler/metrics.h"
#include "scheduler/scheduler_options.h"

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
  add_scheduler_options(app, s);
  add_seconds_option(app, "--report-interval", s.report_interval, "between two heartbeats");
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
