// kilonova-network: networks, addresses and leases.
#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "daemon/loopback.h"
#include "daemon/run_daemon.h"
#include "daemon/store_metrics.h"
#include "daemon/store_options.h"
#include "network-controller/core/network_core.h"
#include "network-controller/metrics.h"

namespace kilonova::network {
namespace {

struct Options {
  DaemonOptions daemon{Role::kNetwork};
  StoreOptions store;
  NetworkOptions network;
  int64_t lease_seconds = 86'400;
};

class NetworkDaemon final : public Daemon {
 public:
  NetworkDaemon(DaemonContext& context, const StorePlace& place, const Options& options)
      : store_(make_network_store(context.loop, place)),
        core_(NetworkPorts{context.loop, context.node, context.log, context.random("network"), *store_,
                           options.network}) {}

  Task<Expected<>> start() override { co_return core_.start(); }
  PeerHandler& handler() override { return core_; }
  void add_metrics(MetricPage& page) override {
    network::add_metrics(page, core_.core_state());
    add_store_metrics(page, store_->counts());
  }

 private:
  std::unique_ptr<CountedStore<NetworkStore>> store_;
  NetworkCore core_;
};

void add_options(CLI::App& app, Options& options) {
  add_daemon_options(app, options.daemon);
  add_store_options(app, options.store);
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
    if (auto valid = validate(options.network); !valid) return std::unexpected(valid.error());
    auto place = store_place(context, options.store, "network");
    if (!place) return std::unexpected(std::move(place.error()));
    return std::make_unique<NetworkDaemon>(context, *place, options);
  });
}
