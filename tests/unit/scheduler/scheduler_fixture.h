// A scheduler with a controller and compute processes played by the test.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "domain/resources.h"
#include "runtime/virtual_loop.h"
#include "scheduler/core/scheduler_core.h"
#include "tests/support/fake_transport.h"
#include "tests/support/recording_log.h"

namespace kilonova::scheduler {

inline constexpr PeerId kController{Role::kController, 0};
inline constexpr PeerId kSelf{Role::kScheduler, 0};
inline PeerId compute(uint32_t index) { return {Role::kCompute, index}; }

inline Uuid uuid_of(uint64_t number) {
  Uuid uuid;
  for (int i = 0; i < 8; ++i) uuid.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  return uuid;
}
inline PlacementId placement(uint64_t number, uint64_t epoch = 1) { return {uuid_of(number), epoch}; }

inline Flavor flavor(int64_t vcpus, int64_t memory_mb, int64_t disk_gb) {
  Flavor result;
  result.name = "test";
  result.vcpus = vcpus;
  result.memory_mb = memory_mb;
  result.root_gb = disk_gb;
  return result;
}

// Puts one host into a manager, as controller and compute would.
inline void add_host(HostManager& hosts, int64_t id, const std::string& name, Resources total, Resources used = {},
                     const std::string& zone = "nova", PeerId process = {Role::kCompute, 0}) {
  hosts.update_status({id, name, zone, process, true, true});
  hosts.update_usage({process, 1}, {name, 1, total, used, 0, {}});
}

class SchedulerWorld {
 public:
  explicit SchedulerWorld(SchedulerOptions options = {}, uint64_t seed = 1)
      : core({loop, transport, log, Random(seed), std::move(options)}) {
    core.start();
  }

  void connect(uint32_t compute_processes = 1) {
    transport.connect(core, kController);
    for (uint32_t i = 0; i < compute_processes; ++i) transport.connect(core, compute(i));
  }
  void host(int64_t id, const std::string& name, Resources total = {8, 16384, 100}, uint32_t process = 0,
            const std::string& zone = "nova") {
    status({id, name, zone, compute(process), true, true});
    usage(process, {name, 1, total, {}, 0, {}});
  }
  void status(HostStatus host_status) {
    transport.deliver(core, kController, HostStatuses{false, {std::move(host_status)}});
  }
  void usage(uint32_t process, HostUsage host_usage) {
    transport.deliver(core, compute(process), UsageUpdate{false, {std::move(host_usage)}});
  }
  SelectDestinations cast(std::vector<PlacementId> placements, Flavor wanted = flavor(1, 512, 1)) {
    SelectDestinations result{.scheduler = transport.incarnation(), .cast_number = ++casts_};
    result.spec.flavor = std::move(wanted);
    for (const PlacementId& id : placements) {
      PlacementRequest& request = result.requests.emplace_back();
      request.placement = id;
      request.attempt = 1;
      request.steps = {StepRecord{.step = LaunchStep::kScheduleCast, .epoch = id.epoch, .attempt = 1}};
    }
    return result;
  }
  void deliver(SelectDestinations message) {
    transport.deliver(core, kController, std::move(message));
    judge();
  }
  // Whoever asks whether a fault rule strikes is told that it does.
  void judge() {
    for (bool asked = true; asked;) {
      loop.run_until(loop.now());
      asked = false;
      for (const testing::SentMessage& sent : std::vector(transport.sent())) {
        if (!holds_alternative<FaultReached>(sent.message.body) || !judged_.insert(sent.message.call).second) continue;
        asked = true;
        transport.deliver(core, kController, FaultVerdict{true}, sent.message.call);
      }
    }
  }
  // Run casts and NoValidHosts since the last call.
  std::vector<BuildAndRunInstance> runs() { return transport.take<BuildAndRunInstance>(); }
  std::vector<NoValidHost> refusals() { return transport.take<NoValidHost>(); }
  const HostState& state(const std::string& name) {
    const HostManager& hosts = core.core_state().hosts;
    return hosts.host(*hosts.find(name));
  }

  VirtualLoop loop;
  testing::FakeTransport transport{kSelf, 77};
  testing::RecordingLog log;
  SchedulerCore core;

 private:
  uint64_t casts_ = 0;
  std::set<uint64_t> judged_;  // calls
};

}  // namespace kilonova::scheduler
