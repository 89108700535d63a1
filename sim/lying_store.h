// Stores with bugs planted by a test, which must then see a checker bite.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "domain/watch_event.h"
#include "ports/controller_store.h"
#include "ports/network_store.h"
#include "runtime/scope.h"

namespace kilonova::sim {

// May change the transaction. True: nothing is stored, and the controller is told that it is.
using StoreLie = std::function<bool(Transaction&)>;
using NetworkStoreLie = std::function<bool(NetworkTransaction&)>;

// Of the controller's store; each may be empty.
struct StoreBugs {
  StoreLie lie;
  std::function<bool(const Transaction&)> answers_early;  // before it is durable: a crash may lose it
  std::function<void(ControllerState&)> forgets;          // at each start: takes away what was committed

  explicit operator bool() const { return lie || answers_early || forgets; }
};

class LyingStore final : public ControllerStore {
 public:
  LyingStore(ControllerStore& store, Loop& loop, const StoreBugs& bugs) : store_(store), bugs_(bugs), early_(loop) {}

  Expected<ControllerState> load() override {
    auto state = store_.load();
    if (state && bugs_.forgets) bugs_.forgets(*state);
    return state;
  }
  Task<Expected<>> commit(Transaction transaction) override {
    if (bugs_.lie && bugs_.lie(transaction)) co_return Expected<>();
    if (bugs_.answers_early && bugs_.answers_early(transaction)) {
      early_.spawn(finish(&store_, std::move(transaction)));
      co_return Expected<>();
    }
    co_return co_await store_.commit(std::move(transaction));
  }
  Task<Expected<LaunchRecordRows>> read_launch_record(Uuid instance) override {
    return store_.read_launch_record(instance);
  }
  Task<Expected<std::vector<WatchEvent>>> read_events(uint64_t since, uint32_t limit) override {
    return store_.read_events(since, limit);
  }

 private:
  static Task<> finish(ControllerStore* store, Transaction transaction) {
    (void)co_await store->commit(std::move(transaction));
  }

  ControllerStore& store_;
  const StoreBugs& bugs_;
  Scope early_;  // commits that were answered and are not done
};

class LyingNetworkStore final : public NetworkStore {
 public:
  LyingNetworkStore(NetworkStore& store, const NetworkStoreLie& lie) : store_(store), lie_(lie) {}

  Expected<NetworkState> load() override { return store_.load(); }
  Task<Expected<>> commit(NetworkTransaction transaction) override {
    if (lie_ && lie_(transaction)) co_return Expected<>();
    co_return co_await store_.commit(std::move(transaction));
  }

 private:
  NetworkStore& store_;
  const NetworkStoreLie& lie_;
};

}  // namespace kilonova::sim
