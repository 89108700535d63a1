// Hypervisor: what a build or a server action asks of a host and has to wait for. The simulated one
// (compute-node/hypervisor) lets the time pass that such work takes; what the guests are is in the GuestJournal.
#pragma once

#include <cstdint>

#include "domain/server_actions.h"
#include "runtime/task.h"

namespace kilonova::compute {

// Loop thread only. Work that takes no time ends without suspending. A task that is destroyed early has no effect:
// what was created so far is taken away by destroy_guest().
class Hypervisor {
 public:
  virtual ~Hypervisor() = default;

  virtual Task<void> claim_resources() = 0;
  virtual Task<void> create_disks(uint32_t count) = 0;
  virtual Task<void> download_image(uint64_t size_bytes) = 0;
  virtual Task<void> define_guest() = 0;
  // Plugs the network in, powers the guest on and polls until it is RUNNING.
  virtual Task<void> start_guest() = 0;
  virtual Task<void> destroy_guest() = 0;
  // What a server action does to a guest that is there. `image_bytes`: about the size of what is uploaded.
  virtual Task<void> work_on_guest(GuestWork work, uint64_t image_bytes) = 0;
};

}  // namespace kilonova::compute
