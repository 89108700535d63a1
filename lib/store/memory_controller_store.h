// MemoryControllerStore: a controller's store over an image in memory, for tests and the simulation.
#pragma once

#include "ports/controller_store.h"
#include "runtime/loop.h"
#include "store/memory_commit_queue.h"
#include "store/memory_controller_image.h"
#include "store/memory_disk.h"

namespace kilonova {

// Loop thread only. Loop, image and disk outlive it; flows that await it die before it. Destroying it is a crash: what
// was answered is in the image, of the rest what MemoryDisk::kept_on_crash says. One store an image at a time.
class MemoryControllerStore final : public ControllerStore {
 public:
  MemoryControllerStore(Loop& loop, MemoryControllerImage& image, MemoryDisk& disk);

  Expected<ControllerState> load() override;
  Task<Expected<>> commit(Transaction transaction) override;
  Task<Expected<LaunchRecordRows>> read_launch_record(Uuid instance) override;
  Task<Expected<std::vector<WatchEvent>>> read_events(uint64_t since, uint32_t limit) override;

 private:
  Loop& loop_;
  MemoryControllerImage& image_;
  MemoryCommitQueue<Transaction, MemoryControllerImage> queue_;
};

}  // namespace kilonova
