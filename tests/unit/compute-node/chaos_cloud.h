// ChaosCloud: a compute process among peers that lose, repeat, delay and reorder messages, restart and crash it, all
// drawn from one seed. Small models of the controller and the network-controller say what must hold in the end.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "compute-node/core/compute_core.h"
#include "compute-node/hypervisor/simulated_hypervisor.h"
#include "runtime/virtual_loop.h"
#include "tests/support/recording_log.h"
#include "tests/unit/compute-node/memory_journal.h"

namespace kilonova::testing {

class ChaosCloud final : public Transport {
 public:
  // A verbose one prints who sends what to whom.
  explicit ChaosCloud(uint64_t seed, bool verbose = false);
  ~ChaosCloud() override;

  // A storm of random actions, then peace until everything that was promised must have happened.
  void run();

  PeerId self() const override { return {Role::kCompute, 0}; }
  Incarnation incarnation() const override { return incarnation_; }
  std::vector<Peer> peers(Role) const override { return {}; }
  void forbid(PeerId, const std::vector<Incarnation>&) override {}
  bool send(PeerId to, Message message) override;

  // "" when all is well.
  std::string check() const;
  // How often each thing happened, so that a test can see that the storm was one.
  struct Happened {
    size_t active = 0, rescheduled = 0, failed = 0, lost = 0, terminated = 0, powered = 0;
  };
  Happened happened;

 private:
  struct Server {
    uint64_t epoch = 0;
    std::string host;  // of the current epoch
    bool deleted = false;
    bool delete_confirmed = false;
    bool active = false;  // the current epoch's report was accepted
    uint64_t operation = 0;
    Incarnation cast_to = 0;  // of the compute process when the current epoch was cast
    BuildAndRunInstance cast;
  };
  struct Held {
    uint64_t epoch = 0;
    uint64_t fence = 0;  // up to here nothing is allocated any more
    bool held = false;
  };

  void boot();
  void connect(PeerId peer);
  void act();
  void try_build(Server& server);
  void terminate(Server& server);
  void repeat_cast(const Server& server);
  void power(Server& server);
  // Hands a message over after a while, maybe twice, maybe never.
  void deliver(PeerId from, Message::Body body, uint64_t call = 0);
  void receive(PeerId to, const Message& message);
  void on_report(const InstanceReport& report);
  void on_allocate(const AllocateAddresses& request, uint64_t call);
  void judge(const std::string& host, const PlacementId& placement);
  bool is_current(const std::string& host, const PlacementId& placement) const;
  void watchdog();
  void network_audit();
  std::string check_capacity() const;

  void say(const std::string& what) const;

  const bool verbose_;
  Random random_;
  bool stormy_ = true;
  VirtualLoop loop_;
  RecordingLog log_;
  MemoryJournal journal_;
  compute::TimingModel timing_;
  compute::ComputeOptions options_;
  std::vector<HostInfo> hosts_;
  std::map<PeerId, Incarnation> peers_;
  Incarnation incarnation_ = 0;
  std::map<Uuid, Server> servers_;
  std::map<Uuid, Held> network_;
  std::string broken_;
  std::unique_ptr<compute::SimulatedHypervisor> hypervisor_;
  std::unique_ptr<compute::ComputeCore> core_;
};

}  // namespace kilonova::testing
