#include "store/memory_controller_store.h"

#include <utility>

#include "runtime/sleep.h"

namespace kilonova {

MemoryControllerStore::MemoryControllerStore(Loop& loop, MemoryControllerImage& image, MemoryDisk& disk)
    : loop_(loop), image_(image), queue_(loop, disk, image) {}

Expected<ControllerState> MemoryControllerStore::load() { return image_.state(); }

Task<Expected<>> MemoryControllerStore::commit(Transaction transaction) {
  return queue_.commit(std::move(transaction));
}

// Reads let others run first, as those of a real disk do.
Task<Expected<LaunchRecordRows>> MemoryControllerStore::read_launch_record(Uuid instance) {
  co_await yield(loop_);
  co_return image_.launch_record(instance);
}

Task<Expected<std::vector<WatchEvent>>> MemoryControllerStore::read_events(uint64_t since, uint32_t limit) {
  co_await yield(loop_);
  co_return image_.events(since, limit);
}

}  // namespace kilonova
