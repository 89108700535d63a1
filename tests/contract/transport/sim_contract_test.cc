// The simulated network keeps the same promises as the streams over gRPC.
#include <map>
#include <memory>

#include "runtime/node_loop.h"
#include "sim/network/sim_network.h"
#include "sim/network/sim_transport.h"
#include "transport_contract.h"

namespace kilonova::testing {
namespace {

class SimWorld final : public TransportWorld {
 public:
  explicit SimWorld(const sim::NetworkFaults& faults) : network_(loop_, 1) { network_.set_faults(faults); }

  void start(PeerId id, Incarnation incarnation, size_t queue_limit) override {
    Process& process = processes_[id];
    process.recorder = std::make_unique<Recorder>(mutex_, [] {});
    process.loop = std::make_unique<NodeLoop>(loop_);
    process.transport = std::make_unique<sim::SimTransport>(network_, *process.loop, id, incarnation, queue_limit);
    process.transport->open(*process.recorder);
  }
  void kill(PeerId id) override {
    processes_[id].transport.reset();
    processes_[id].loop.reset();
  }
  void cut(PeerId a, PeerId b) override { network_.disconnect(a, b); }
  void on(PeerId id, std::function<void(Transport&)> action) override {
    bool done = false;
    Process& process = processes_[id];
    process.loop->post([&] {
      action(*process.transport);
      done = true;
    });
    while (!done) loop_.step();
  }
  bool run_until(std::function<bool()> condition) override {
    Instant end = loop_.now() + seconds(30);
    while (!condition()) {
      if (loop_.now() >= end) return false;
      if (!loop_.step()) return condition();
    }
    return true;
  }
  Recorder& recorder(PeerId id) override { return *processes_[id].recorder; }

 private:
  struct Process {
    std::unique_ptr<Recorder> recorder;
    std::unique_ptr<NodeLoop> loop;
    std::unique_ptr<sim::SimTransport> transport;
  };

  std::recursive_mutex mutex_;
  VirtualLoop loop_;
  sim::SimNetwork network_;
  std::map<PeerId, Process> processes_;
};

// What a link must hide; not the loss of messages above it.
sim::NetworkFaults rough() {
  sim::NetworkFaults faults;
  faults.lose_frame = 0.02;
  faults.repeat_frame = 0.02;
  faults.reorder_frame = 0.02;
  return faults;
}

INSTANTIATE_TEST_SUITE_P(Sim, TransportContract,
                         ::testing::Values(WorldKind{"Calm",
                                                     [] { return std::make_unique<SimWorld>(sim::NetworkFaults{}); }},
                                           WorldKind{"Rough", [] { return std::make_unique<SimWorld>(rough()); }}),
                         world_name);

}  // namespace
}  // namespace kilonova::testing
