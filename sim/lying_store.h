// A controller's store with a bug planted by a test, which must then see a checker bite.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "ports/controller_store.h"

namespace kilonova::sim {

// May change the transaction. True: nothing is stored, and the controller is told that it is.
using StoreLie = std::function<bool(Transaction&)>;

class LyingStore final : public ControllerStore {
 public:
  LyingStore(ControllerStore& store, const StoreLie& lie) : store_(store), lie_(lie) {}

  Expected<ControllerState> load() override { return store_.load(); }
  Task<Expected<>> commit(Transaction transaction) override {
    if (lie_ && lie_(transaction)) co_return Expected<>();
    co_return co_await store_.commit(std::move(transaction));
  }
  Task<Expected<LaunchRecordRows>> read_launch_record(Uuid instance) override {
    return store_.read_launch_record(instance);
  }
  Task<Expected<std::vector<WatchEvent>>> read_events(uint64_t since, uint32_t limit) override {
    return store_.read_events(since, limit);
  }

 private:
  ControllerStore& store_;
  const StoreLie& lie_;
};

}  // namespace kilonova::sim
