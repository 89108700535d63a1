// kilonova-compute: nova-compute for any number of simulated hosts.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compute-node/core/compute_core.h"
#include "compute-node/hosts_file.h"
#include "compute-node/hypervisor/load_timing.h"
#include "compute-node/hypervisor/simulated_hypervisor.h"
#include "compute-node/metrics.h"
#include "daemon/loopback.h"
#include "daemon/run_daemon.h"
#include "store/file_guest_journal.h"

namespace kilonova::compute {
namespace {

struct Options {
  DaemonOptions daemon{Role::kCompute};
  ComputeOptions compute;
  size_t hosts = 10;
  std::string hosts_file;
  std::string hosts_columns;
  size_t parts = 1;  // processes that share the hosts; this one takes part `index`
  std::string timing = "instant";
  double time_factor = 1.0;
};

class ComputeDaemon final : public Daemon {
 public:
  ComputeDaemon(DaemonContext& context, const Options& options, TimingModel timing, std::vector<HostInfo> hosts)
      : log_(context.log),
        journal_(options.daemon.state_dir + "/journal/" + options.daemon.name() + ".journal",
                 options.daemon.sync_full ? SyncMode::kFull : SyncMode::kNormal),
        hypervisor_(context.loop, timing, context.random("hypervisor")),
        core_(ComputePorts{context.loop, context.node, context.log, journal_, hypervisor_, context.random("core")},
              options.compute, std::move(hosts)) {}

  Task<Expected<>> start() override {
    auto started = core_.start();
    if (started && !journal_.note().empty())
      log_.event(LogLevel::kWarning, "the guests' journal was mended", {{"note", journal_.note()}});
    co_return started;
  }
  PeerHandler& handler() override { return core_; }
  void add_metrics(MetricPage& page) override { compute::add_metrics(page, core_.sizes()); }
  bool ready() const override { return core_.registered(); }

 private:
  Log& log_;
  FileGuestJournal journal_;
  SimulatedHypervisor hypervisor_;
  ComputeCore core_;
};

void add_options(CLI::App& app, Options& options) {
  add_daemon_options(app, options.daemon);
  app.add_option("--hosts", options.hosts, "how many like hosts the cloud has")->check(CLI::Range(1, 1'000'000));
  app.add_option("--hosts-file", options.hosts_file, "CSV file with a host a line, instead of --hosts");
  app.add_option("--hosts-columns", options.hosts_columns,
                 "which columns: name=sn,vcpus=cpu_milli/1000,ram=memory_mib");
  app.add_option("--parts", options.parts, "how many compute processes share the hosts; this one takes part --index")
      ->check(CLI::Range(1, 1'000));
  app.add_option("--timing", options.timing, "instant, realistic, manual, or a file with the hypervisors' timing");
  app.add_option("--time-factor", options.time_factor, "multiply every delay");
  app.add_option("--max-concurrent-builds", options.compute.max_concurrent_builds, "on one host; 0 = unlimited");
  add_seconds_option(app, "--report-interval", options.compute.report_interval, "between two heartbeats");
  add_seconds_option(app, "--rpc-response-timeout", options.compute.rpc_response_timeout,
                     "how long the network-controller may take");
  add_seconds_option(app, "--fence-retention", options.compute.fence_retention,
                     "for which a host remembers the epochs of servers that it no longer has");
  app.add_option("--cpu-allocation-ratio", options.compute.ratios.vcpus, "vCPU overcommit ratio");
  app.add_option("--ram-allocation-ratio", options.compute.ratios.memory, "memory overcommit ratio");
  app.add_option("--disk-allocation-ratio", options.compute.ratios.disk, "disk overcommit ratio");
}

Expected<std::unique_ptr<Daemon>> make_daemon(DaemonContext& context, const Options& options) {
  if (options.daemon.index >= options.parts) return fail(ErrorCode::kInvalidArgument, "--index must be below --parts");
  auto timing = load_timing(options.timing, options.time_factor);
  if (!timing) return std::unexpected(timing.error());
  Expected<std::vector<HostInfo>> hosts = options.hosts_file.empty()
                                              ? make_hosts(options.hosts, 0)
                                              : load_hosts_file(options.hosts_file, options.hosts_columns);
  if (!hosts) return std::unexpected(hosts.error());
  if (auto made = make_private_directory(options.daemon.state_dir + "/journal"); !made)
    return std::unexpected(made.error());
  Options own = options;
  own.compute.steps_by_hand = options.timing == "manual";
  return std::make_unique<ComputeDaemon>(context, own, *timing,
                                         select_part(*hosts, options.daemon.index, options.parts));
}

}  // namespace
}  // namespace kilonova::compute

int main(int argc, char** argv) {
  using namespace kilonova;
  using namespace kilonova::compute;
  Options options;
  CLI::App app("A compute process of a kilonova cloud: any number of simulated hosts", "kilonova-compute");
  add_options(app, options);
  if (auto exit_code = parse_command_line(app, argc, argv, options.daemon)) return *exit_code;
  return run_daemon(options.daemon, [&](DaemonContext& context) { return make_daemon(context, options); });
}
