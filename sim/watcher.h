// A client of a simulated cloud that watches all servers, whatever dies, from where it was: for the checker of watches.
#pragma once

#include <string>

#include "api-server/core/watch_hub.h"
#include "sim/checkers/watch.h"
#include "sim/cloud.h"

namespace kilonova::sim {

class Watcher {
 public:
  // Both outlive it. Destroying it kills the cloud's nodes.
  Watcher(SimCloud& cloud, WatchChecker& checker) : cloud_(cloud), checker_(checker) {}
  Watcher(const Watcher&) = delete;
  ~Watcher() { cloud_.kill_all(); }

  void start() { attempt(); }

 private:
  class Attempt;

  void attempt();
  void retry();
  static Task<> watch(Watcher* watcher);
  Task<bool> log_in(api::ApiCore* core);

  SimCloud& cloud_;
  WatchChecker& checker_;
  std::string token_;
  api::WatchPosition position_;  // as a client knows it: revision and generation
};

}  // namespace kilonova::sim
