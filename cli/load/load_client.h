// LoadClient: many launches at once from one thread. Calls are asynchronous, their answers and the changes of the project's
// servers come through one queue; who drives the load (bench, replay) handles them one after the other and needs no lock.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "cli/client/session.h"
#include "cli/client/watch.h"

namespace kilonova::cli {

using LoadTime = std::chrono::steady_clock::time_point;

// A create call was answered: the servers, committed but not built.
struct Created {
  size_t tag = 0;
  Expected<std::vector<Uuid>> servers;
};
// A delete call was answered: the server will be gone, or why not.
struct DeleteAnswered {
  size_t tag = 0;
  Expected<> result;
};
// A server settled. Can come before its Created.
struct Settled {
  Uuid server;
  bool active = false;
  bool deleted = false;
  std::string host;
  std::string fault;
  LoadTime seen;
};
// Nothing more will be heard of servers.
struct WatchEnded {
  Error error;
};
using Happening = std::variant<Created, DeleteAnswered, Settled, WatchEnded>;

// One thread; the session must outlive it. Its destructor waits for calls under way (each has a deadline).
class LoadClient {
 public:
  // Begins to watch the session's project; returns when the watch stands.
  static Expected<std::unique_ptr<LoadClient>> open(Session& session);
  ~LoadClient();
  LoadClient(const LoadClient&) = delete;
  LoadClient& operator=(const LoadClient&) = delete;

  // Answered by a Created or DeleteAnswered with this tag. An error when no token can be had any more.
  Expected<> create(size_t tag, const v1::CreateServersRequest& request);
  Expected<> remove(size_t tag, const Uuid& server);

  // What happened since, in order; waits for something, but not after `until`. Empty then.
  std::vector<Happening> wait(std::optional<LoadTime> until);

 private:
  struct CreateCall;
  struct DeleteCall;

  explicit LoadClient(Session& session) : session_(session) {}
  void watch();
  Expected<> wait_until_standing();
  Expected<bool> tell_all();
  void push(Happening happening);
  void call_begins();
  void call_ended();

  Session& session_;
  std::unique_ptr<Session> watch_session_;  // of the watch's thread
  std::unique_ptr<Watch> watch_;
  std::thread watcher_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<Happening> happenings_;
  size_t calls_ = 0;
  bool standing_ = false;          // the watch
  std::set<Uuid> removing_;        // asked to be deleted, not yet heard to be gone
};

}  // namespace kilonova::cli
