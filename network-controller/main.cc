// kilonova-network: networks, addresses and leases.
#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "daemon/loopback.h"
#include "daemon/run_daemon.h"
#include "daemon/store_metrics.h"
#include "network-controller/core/network_core.h"
#include "network-controller/metrics.h"
#include "store/sqlite_network_store.h"

namespace kilonova::network {
namespace {

struct Options {
  DaemonOptions daemon{Role::kNetwork};
  NetworkOptions network;
  int64_t lease_seconds = 86'400;
};

class NetworkDaemon final : public Daemon {
 public:
  NetworkDaemon(DaemonContext& context, const Options& options)
      : store_(context.loop, options.daemon.state_dir + "/db/network.sqlite",
               SqliteOptions{.sync = options.daemon.sync_full ? SyncMode::kFull : SyncMode::kNormal}),
        core_(NetworkPorts{context.loop, context.node, context.log, context.random("network"), store_,
                           options.network}) {}

  Task<Expected<>> start() override { co_return core_.start(); }
  PeerHandler& handler() override { return core_; }
  void add_metrics(MetricPage& page) override {
    network::add_metrics(page, core_.core_state());
    add_store_metrics(page, store_.counts());
  }

 private:
  SqliteNetworkStore store_;
  NetworkCore core_;
};

void add_options(CLI::App& app, Options& options) {
  add_daemon_options(app, options.daemon);
  app.add_option("--lease-time", options.lease_seconds, "DHCP lease in seconds")->check(CLI::Range(1, 31'536'000));
  app.add_option("--vlan-start", options.network.vlan_start, "VLAN of the first network")->check(CLI::Range(1, 4'094));
  add_seconds_option(app, "--fence-retention", options.network.fence_retention,
                     "for which a released placement is remembered: longer than any message of it is under way");
}

}  // namespace
}  // namespace kilonova::network

int main(int argc, char** argv) {
  using namespace kilonova;
  using namespace kilonova::network;
  Options options;
  CLI::App app("The network-controller of a kilonova cloud: networks, addresses, leases", "kilonova-network");
  add_options(app, options);
  if (auto exit_code = parse_command_line(app, argc, argv, options.daemon)) return *exit_code;
  options.network.lease_time = seconds(options.lease_seconds);
  return run_daemon(options.daemon, [&](DaemonContext& context) -> Expected<std::unique_ptr<Daemon>> {
    if (auto made = make_private_directory(options.daemon.state_dir + "/db"); !made)
      return std::unexpected(made.error());
    if (auto valid = validate(options.network); !valid) return std::unexpected(valid.error());
    return std::make_unique<NetworkDaemon>(context, options);
  });
}
