// SimulatedHypervisor: work on guests that consists of the time it takes. One for all hosts of a process.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "compute-node/core/hypervisor.h"
#include "compute-node/hypervisor/timing_model.h"
#include "domain/server_actions.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace kilonova::compute {

// Loop thread only; the loop must outlive it, and it the flows that wait for its work.
class SimulatedHypervisor final : public Hypervisor {
 public:
  SimulatedHypervisor(Loop& loop, TimingModel timing, Random random) : loop_(loop), timing_(timing), random_(random) {}

  Task<void> claim_resources() override;
  Task<void> create_disks(uint32_t count) override;
  Task<void> download_image(uint64_t size_bytes) override;
  Task<void> define_guest() override;
  Task<void> start_guest() override;
  Task<void> destroy_guest() override;
  Task<void> work_on_guest(GuestWork work, uint64_t image_bytes) override;

 private:
  Duration draw(HostWork work) { return timing_.draw(work, random_); }
  Task<void> let_pass(Duration duration);

  Loop& loop_;
  const TimingModel timing_;
  Random random_;
};

}  // namespace kilonova::compute
