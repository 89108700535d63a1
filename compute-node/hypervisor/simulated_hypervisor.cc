#include "compute-node/hypervisor/simulated_hypervisor.h"

#include "domain/server_actions.h"
#include "runtime/sleep.h"

namespace kilonova::compute {

// No time, no timer: an instant cloud never waits.
Task<void> SimulatedHypervisor::let_pass(Duration duration) {
  if (duration.us > 0) co_await sleep_for(loop_, duration);
}

Task<void> SimulatedHypervisor::claim_resources() { return let_pass(draw(HostWork::kClaim)); }

Task<void> SimulatedHypervisor::create_disks(uint32_t count) {
  Duration total;
  for (uint32_t disk = 0; disk < count; ++disk) total = total + draw(HostWork::kBlockDevice);
  return let_pass(total);
}

Task<void> SimulatedHypervisor::download_image(uint64_t size_bytes) {
  return let_pass(draw(HostWork::kImageSetup) + timing_.image_transfer(size_bytes));
}

Task<void> SimulatedHypervisor::define_guest() { return let_pass(draw(HostWork::kDefine)); }

// The guest is RUNNING after a while; it is seen to be at the next poll.
Task<void> SimulatedHypervisor::start_guest() {
  Duration until_running = draw(HostWork::kVifPlug) + draw(HostWork::kStart);
  if (int64_t poll = timing_.poll_interval().us; poll > 0)
    until_running.us = (until_running.us + poll - 1) / poll * poll;
  return let_pass(until_running);
}

Task<void> SimulatedHypervisor::destroy_guest() { return let_pass(draw(HostWork::kDestroy)); }
Task<void> SimulatedHypervisor::work_on_guest(GuestWork work, uint64_t image_bytes) {
  Duration duration = timing_.draw(work, random_);
  if (work == GuestWork::kUpload) duration = duration + timing_.image_transfer(image_bytes);
  return let_pass(duration);
}

}  // namespace kilonova::compute
