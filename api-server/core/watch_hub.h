// WatchHub: the committed changes as the api-server knows them, for any number of watchers. The newest are in memory,
// as the controller streams them; older ones are read from it in pages. A watcher gets every event it asks for once, in
// order, without a gap, across restarts of the controller: its place is a revision and nothing else.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "base/error.h"
#include "domain/api.h"
#include "domain/messages.h"
#include "domain/nouns/server.h"
#include "domain/watch_event.h"
#include "runtime/event.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace kilonova::api {

// Whose events: one project's, or all; one server's, or all; only those at which nothing is under way any more.
struct WatchFilter {
  Uuid project_id;
  bool all_projects = false;
  std::optional<Uuid> instance;
  bool stable_only = false;
  bool cloud_events = false;  // of hosts and fault rules too

  bool passes(const WatchEvent& event) const;
};

// How far a watcher has come: it has been given all events up to the revision.
struct WatchPosition {
  uint64_t revision = 0;
  bool live = false;  // it had caught up once
  uint64_t cloud_events = 0;  // how many of those it was given, or came before it
  uint64_t generation = 0;    // of the revision; 0 = taken as one of now
};

struct WatchBatch {
  std::vector<WatchEvent> events;  // by revision; empty: nothing happened in the time given
  std::vector<CloudEvent> cloud_events = {};
  WatchPosition position;          // where to go on
};

// Loop thread only. Watchers pull, so a slow one takes no memory here.
class WatchHub {
 public:
  // Events of all projects after a revision of a generation, at most so many, and the newest revision committed.
  using ReadPage = std::function<Task<Expected<EventList>>(uint64_t since, uint32_t limit, uint64_t generation)>;

  WatchHub(Loop& loop, ReadPage read_page, size_t capacity = kCapacity);

  // From the controller, in order. What is known already is skipped; a gap (`after` is news) forgets what is in memory,
  // and so does another generation: the controller tells each watcher whether its place is still one.
  void add(WatchEvents message);
  // What comes next is from a new life of the controller: where that knows less than was told, its store went back.
  void on_new_life() { new_life_ = true; }

  // The next events, at most kMaxBatch, waited for up to `idle`. kOutOfRange: the position is in the future, or no
  // longer kept, or the store went back behind it, or the watcher had caught up and then fell more than the capacity
  // behind. Or what reading a page failed with; the position given stays good then. The hub must outlive the flow.
  Task<Expected<WatchBatch>> next(WatchFilter filter, WatchPosition position, Duration idle);

  // Where a watcher begins that wants only what happens from now on; nothing before the controller was heard.
  std::optional<WatchPosition> now() const {
    return heard_ ? std::optional(WatchPosition{head_, true, cloud_events_told_, generation_}) : std::nullopt;
  }
  // Those that happen from now on are behind it, for a watcher that begins at a revision.
  uint64_t cloud_events_now() const { return cloud_events_told_; }

  static constexpr size_t kCapacity = 65'536;
  static constexpr uint32_t kPageSize = 1000;
  static constexpr size_t kMaxBatch = 1000;
  static constexpr size_t kCloudEventsKept = 10'000;

 private:
  bool is_of_now(const WatchPosition& position) const;
  bool in_memory(const WatchPosition& position) const;
  WatchBatch read_memory(const WatchFilter& filter, WatchPosition position) const;
  Task<Expected<WatchBatch>> read_controller(WatchFilter filter, WatchPosition position);
  // The next of them for this watcher, at most kMaxBatch. One that is more than kCloudEventsKept behind loses the
  // oldest: a state that it asks for again tells it more than they would.
  void take_cloud_events(const WatchFilter& filter, WatchBatch& batch) const;
  Task<void> changed();

  Loop& loop_;
  ReadPage read_page_;
  const size_t capacity_;
  std::deque<WatchEvent> events_;  // all with base_ < revision <= head_
  uint64_t base_ = 0;
  uint64_t head_ = 0;
  uint64_t gap_ = 0;     // base_ when memory last began anew
  std::deque<CloudEvent> cloud_events_;  // the newest
  uint64_t cloud_events_told_ = 0;       // all that ever came
  uint64_t generation_ = 0;              // of all these revisions
  bool new_life_ = false;
  bool heard_ = false;   // the controller told its revision at least once
  Event change_;
};

}  // namespace kilonova::api
