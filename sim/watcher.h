// A client of a simulated cloud that watches servers, whatever dies, from where it was: for the checker of watches.
#pragma once

#include <string>

#include "api-server/core/watch_hub.h"
#include "sim/checkers/watch.h"
#include "sim/cloud.h"

namespace kilonova::sim {

class Watcher {
 public:
  // Both outlive it. Destroying it kills the cloud's nodes.
  enum class Of { kAll, kProject, kServer, kStable };

  // The project is `demo`, as a member of it; the server is one that is there when it begins.
  Watcher(SimCloud& cloud, WatchChecker& checker, Of of = Of::kAll) : cloud_(cloud), checker_(checker), of_(of) {}
  Watcher(const Watcher&) = delete;
  ~Watcher() { cloud_.kill_all(); }

  void start() { attempt(); }

 private:
  class Attempt;

  // There is one to watch.
  bool has_server() const;
  void attempt();
  void retry();
  static Task<> watch(Watcher* watcher);
  Task<bool> log_in(api::ApiCore* core);
  api::WatchRequest next_request();
  std::string user() const { return of_ == Of::kProject ? "demo" : "admin"; }

  SimCloud& cloud_;
  WatchChecker& checker_;
  const Of of_;
  std::string token_;
  Uuid project_;  // of the token
  Uuid server_;
  api::WatchPosition position_;  // as a client knows it: revision and generation
};

}  // namespace kilonova::sim
