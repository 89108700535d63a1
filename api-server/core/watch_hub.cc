#include "api-server/core/watch_hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/sometimes.h"
#include "domain/nouns/server.h"
#include "domain/watch_event.h"
#include "runtime/with_timeout.h"

namespace kilonova::api {

bool WatchFilter::passes(const WatchEvent& event) const {
  if (!all_projects && event.project_id != project_id) return false;
  if (instance && event.instance != *instance) return false;
  return !stable_only || event.deleted || event.task_state == TaskState::kNone;
}

WatchHub::WatchHub(Loop& loop, ReadPage read_page, size_t capacity)
    : loop_(loop), read_page_(std::move(read_page)), capacity_(capacity), change_(loop) {}

void WatchHub::add(WatchEvents message) {
  const bool went_back = std::exchange(new_life_, false) && message.after < head_;
  if (heard_ && message.after > head_) KN_SOMETIMES("api: events were missed");
  if (heard_ && message.generation != generation_) KN_SOMETIMES("api: the cloud has another generation");
  if (!heard_ || message.after > head_ || message.generation != generation_ || went_back) {
    events_.clear();
    base_ = gap_ = head_ = message.after;
    generation_ = message.generation;
    heard_ = true;
  }
  for (WatchEvent& event : message.events) {
    if (event.revision <= head_) {
      KN_SOMETIMES("api: an event is told again");
      continue;
    }
    head_ = event.revision;
    events_.push_back(std::move(event));
    if (events_.size() > capacity_) {
      base_ = events_.front().revision;
      events_.pop_front();
    }
  }
  for (CloudEvent& event : message.cloud_events) {
    ++cloud_events_told_;
    cloud_events_.push_back(std::move(event));
    if (cloud_events_.size() > kCloudEventsKept) cloud_events_.pop_front();
  }
  change_.set();
  change_.clear();
}

Task<Expected<WatchBatch>> WatchHub::next(WatchFilter filter, WatchPosition position, Duration idle) {
  Instant until = loop_.now() + idle;
  for (;;) {
    WatchBatch batch;
    if (in_memory(position)) {
      batch = read_memory(filter, position);
    } else if (position.live && heard_ && is_of_now(position) && position.revision >= gap_ &&
               position.revision < base_) {
      co_return fail(ErrorCode::kOutOfRange,
                     fmt::format("the watcher is more than {} events behind; resume from revision {}", capacity_,
                                 position.revision));
    } else {
      KN_SOMETIMES("api: a watcher is behind, and the controller is asked");
      Expected<WatchBatch> page = co_await read_controller(filter, position);
      if (!page) co_return std::unexpected(std::move(page.error()));
      batch = std::move(*page);
    }
    bool moved = batch.position.revision > position.revision;
    batch.position.cloud_events = position.cloud_events;
    take_cloud_events(filter, batch);
    position = batch.position;
    if (!batch.events.empty() || !batch.cloud_events.empty()) co_return batch;
    // A page that moved on, or events that came while it was read: look again before waiting.
    if (moved || (heard_ && is_of_now(position) && position.revision < head_)) continue;
    Duration left = until - loop_.now();
    if (left <= Duration{}) co_return batch;
    bool in_time = co_await with_timeout(loop_, left, changed());
    if (!in_time && !in_memory(position)) co_return batch;
  }
}

bool WatchHub::is_of_now(const WatchPosition& position) const {
  return position.generation == 0 || position.generation == generation_;
}

bool WatchHub::in_memory(const WatchPosition& position) const {
  if (!heard_ || !is_of_now(position) || position.revision < base_) return false;
  // One ahead of what was heard may be right (the controller's answer overtook its events), lost by a store that went
  // back, or nonsense: the controller knows.
  return position.revision <= head_;
}

WatchBatch WatchHub::read_memory(const WatchFilter& filter, WatchPosition position) const {
  WatchBatch batch;
  auto event = std::upper_bound(events_.begin(), events_.end(), position.revision,
                                [](uint64_t revision, const WatchEvent& e) { return revision < e.revision; });
  for (; event != events_.end() && batch.events.size() < kMaxBatch; ++event)
    if (filter.passes(*event)) batch.events.push_back(*event);
  uint64_t reached = event == events_.end() ? head_ : std::prev(event)->revision;
  batch.position = {std::max(position.revision, reached), true, 0, generation_};
  return batch;
}

Task<Expected<WatchBatch>> WatchHub::read_controller(WatchFilter filter, WatchPosition position) {
  Expected<EventList> page = co_await read_page_(position.revision, kPageSize, position.generation);
  if (!page && page.error().code == ErrorCode::kOutOfRange && !page.error().message.starts_with(kWentBack))
    co_return fail(ErrorCode::kOutOfRange,
                   fmt::format("the events after revision {} are no longer kept; list the servers and resume from "
                               "revision {}",
                               position.revision, std::max(head_, position.revision)));
  if (!page) co_return std::unexpected(std::move(page.error()));
  if (page->revision < position.revision)
    // Who brings a generation was told of this revision once: the store has gone back, and not changed anything since.
    co_return fail(ErrorCode::kOutOfRange,
                   fmt::format("{}revision {} is in the future; the newest is {}",
                               position.generation != 0 ? fmt::format("{}: ", kWentBack) : "", position.revision,
                               page->revision));
  WatchBatch batch;
  batch.position = position;
  batch.position.generation = page->generation;
  bool whole = page->events.size() < kPageSize;
  for (WatchEvent& event : page->events) {
    if (event.revision <= batch.position.revision) continue;
    batch.position.revision = event.revision;
    if (filter.passes(event)) batch.events.push_back(std::move(event));
  }
  if (whole) {
    batch.position.revision = std::max(batch.position.revision, page->revision);
    batch.position.live = true;
  }
  co_return batch;
}

void WatchHub::take_cloud_events(const WatchFilter& filter, WatchBatch& batch) const {
  uint64_t oldest = cloud_events_told_ - cloud_events_.size();
  uint64_t next = std::max(batch.position.cloud_events, oldest);
  uint64_t end = filter.cloud_events ? std::min(cloud_events_told_, next + kMaxBatch) : cloud_events_told_;
  if (filter.cloud_events)
    for (uint64_t i = next; i < end; ++i) batch.cloud_events.push_back(cloud_events_[i - oldest]);
  batch.position.cloud_events = end;
}

Task<void> WatchHub::changed() { co_await change_.wait(); }

}  // namespace kilonova::api
