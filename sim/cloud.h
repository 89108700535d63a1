// SimCloud: a whole cloud of all five cores in one process, on virtual time. Builds its nodes, starts them, and lets time
// pass. What clients do is in workload.h, what goes wrong in fault_injector.h, what must hold in checkers/.
// One thread; a cloud and a seed give one history, to the bit.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "compute-node/hypervisor/timing_model.h"
#include "sim/api_node.h"
#include "sim/compute_node.h"
#include "sim/controller_node.h"
#include "sim/ledger.h"
#include "sim/network_node.h"
#include "sim/network_watch.h"
#include "sim/scheduler_node.h"

namespace kilonova::sim {

struct CloudOptions {
  uint64_t seed = 1;
  size_t hosts = 20;
  size_t compute_processes = 3;
  size_t schedulers = 2;
  Resources host_size{.vcpus = 64, .memory_mb = 262'144, .disk_gb = 2000};
  compute::TimingModel timing;
  controller::ControllerOptions controller;
  scheduler::SchedulerOptions scheduler;
  compute::ComputeOptions compute;
  network::NetworkOptions network;
  api::ApiOptions api;
  Duration commit_latency = microseconds(500);
  // Off for very many servers: launch records are not stored.
  bool launch_records = true;
};

class SimCloud {
 public:
  explicit SimCloud(const CloudOptions& options);
  // Kills every node.
  ~SimCloud();
  SimCloud(const SimCloud&) = delete;
  SimCloud& operator=(const SimCloud&) = delete;

  // In the order of `up`. Nodes find each other as virtual time passes.
  void start();
  // Frozen processes and those that were replaced too.
  void kill_all();
  // False when time stands still: the daemons have work without end at one instant. That is a bug of theirs.
  bool run_for(Duration duration);

  // From now on all commits are kept: they are what take_back() needs. Before start().
  void keep_past() { keeps_past_ = true; }
  // Kills the controller, or the network-controller, and takes so many commits from its store; never the first server,
  // or the first lease, nor what came before. How many it took.
  size_t take_back(Role role, size_t commits);

  // Told of each process that a fault rule has crashed, when it is dead.
  void on_crashed(std::function<void(PeerId)> crashed) { crashed_ = std::move(crashed); }

  // Sees what becomes of every message; outlives the cloud's nodes. nullptr: nobody looks.
  void watch_network(NetworkObserver* observer) { network_watch_.set_next(observer); }

  VirtualLoop& loop() { return loop_; }
  SimNetwork& network() { return network_; }
  History& history() { return history_; }
  Ledger& ledger() { return ledger_; }
  const Ledger& ledger() const { return ledger_; }
  const CloudOptions& options() const { return options_; }

  // In the order of roles; lives as long as the cloud.
  const std::vector<Node*>& nodes() const { return nodes_; }
  Node& node(PeerId id) const;
  ControllerNode& controller() const { return *controller_; }
  NetworkNode& network_controller() const { return *network_controller_; }
  ApiNode& api() const { return *api_; }
  const std::vector<std::unique_ptr<SchedulerNode>>& schedulers() const { return schedulers_; }
  const std::vector<std::unique_ptr<ComputeNode>>& computes() const { return computes_; }

 private:
  void crash(PeerId id);
  World world() { return {loop_, network_, history_, options_.seed, {}}; }

  const CloudOptions options_;
  VirtualLoop loop_;
  History history_;
  Ledger ledger_;
  SimNetwork network_;
  NetworkWatch network_watch_;
  std::unique_ptr<ControllerNode> controller_;
  std::vector<std::unique_ptr<SchedulerNode>> schedulers_;
  std::unique_ptr<NetworkNode> network_controller_;
  std::vector<std::unique_ptr<ComputeNode>> computes_;
  std::unique_ptr<ApiNode> api_;
  std::vector<Node*> nodes_;
  std::function<void(PeerId)> crashed_;
  bool keeps_past_ = false;
  std::vector<Transaction> controller_past_;
  std::vector<NetworkTransaction> network_past_;
};

}  // namespace kilonova::sim
