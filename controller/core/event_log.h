// Watch: numbers every committed change of a server and streams it to the api-servers, many to a message.
// Loop thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/error.h"
#include "controller/core/generations.h"
#include "domain/instance.h"
#include "domain/watch_event.h"
#include "ports/controller_store.h"
#include "ports/transport.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace kilonova::controller {

class EventLog {
 public:
  // What the store was loaded with: its revision is the newest committed one.
  EventLog(Loop& loop, Transport& transport, ControllerStore& store, const ControllerState& state);

  // The event of this change, with the next revision: goes into the change's transaction.
  WatchEvent next(const Instance& row, bool deleted = false);
  // What the first transaction with an event has to have besides; nothing afterwards.
  void put_generation(Transaction& transaction) const { generations_.put(transaction); }
  // After the commit: streams them. Commits complete in order, so revisions leave ascending.
  void publish(WatchEvent event);
  // At once: it is about nothing that is committed.
  void tell(CloudEvent event);
  // Tells a newly connected api-server where the stream stands.
  void greet(PeerId api);
  uint64_t revision() const { return published_; }
  uint64_t generation() const { return generations_.current(); }
  // kOutOfRange where this revision, as it was told in this generation, is not of the store's history: it has gone
  // back.
  Expected<> check_position(uint64_t generation, uint64_t revision) const;

  // Events after `since`, from memory or the store. kOutOfRange when they were dropped already.
  Task<Expected<std::vector<WatchEvent>>> read(uint64_t since, uint32_t limit);

 private:
  void flush_soon();
  void flush();

  Loop& loop_;
  Transport& transport_;
  ControllerStore& store_;
  Generations generations_;
  uint64_t assigned_;
  uint64_t published_;
  uint64_t sent_;
  std::vector<WatchEvent> unsent_;
  std::vector<CloudEvent> untold_;
  std::deque<WatchEvent> recent_;  // ascending
  uint64_t recent_from_;           // every event after this one is in recent_
};

}  // namespace kilonova::controller
