// Committed changes as they happen: how `--wait`, replay and bench learn that a server is ready. Nothing here polls.
#pragma once

#include <grpcpp/client_context.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "cli/client/session.h"

namespace kilonova::cli {

// What a watcher does with what it hears.
struct WatchHandler {
  // False: enough.
  std::function<bool(const v1::WatchEvent& event)> on_event;
  // What happened to a host or a fault rule, with WatchOptions::cloud_events. False: enough. May be empty.
  std::function<bool(const v1::CloudEvent& event)> on_cloud_event = {};
  // Events were missed (the cloud keeps a bounded number, or went back to an earlier state): ask the cloud for the
  // state as it is now. False: enough.
  std::function<Expected<bool>()> on_gap;
  // The stream stands, for the first time or again: nothing that is asked from now on will be missed. May be empty.
  std::function<void()> on_standing;
};

struct WatchOptions {
  uint64_t since = 0;  // a revision; events after it. 0 = from when the stream stands
  uint64_t generation = 0;  // that came with it; 0 = unknown
  bool all_projects = false;
  std::string server;       // uuid, "" = all of the project
  bool stable_only = true;  // states that nothing is under way with; false: every change
  bool cloud_events = false;  // admins
};

// A stream of changes (of stable states alone: ACTIVE, SHUTOFF, ERROR, deleted) that goes on where it was when the
// connection breaks.
class Watch {
 public:
  Watch(Session& session, WatchOptions options) : session_(session), options_(std::move(options)) {}

  // Until the handler has enough or cancel() was called. Blocks. An error when the cloud was away for kPatience, or
  // refuses.
  Expected<> run(const WatchHandler& handler);
  // Ends run(). Any thread.
  void cancel();

  static constexpr Duration kPatience = seconds(60);

 private:
  // False in the value: enough. `heard` becomes true with the first reply.
  Expected<bool> run_once(const WatchHandler& handler, bool& heard);
  Expected<bool> after_gap(const WatchHandler& handler);

  Session& session_;
  WatchOptions options_;
  std::mutex mutex_;  // guards what follows
  std::shared_ptr<grpc::ClientContext> context_;
  bool cancelled_ = false;
};

// The newest revision of the cloud: watch from here for the effects of what is asked next.
Expected<uint64_t> current_revision(Session& session);

}  // namespace kilonova::cli
