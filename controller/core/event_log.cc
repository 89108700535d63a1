#include "controller/core/event_log.h"

#include "domain/watch_event.h"

#include <algorithm>
#include <utility>

namespace kilonova::controller {
namespace {

constexpr size_t kRecentEvents = 10'000;

}  // namespace

EventLog::EventLog(Loop& loop, Transport& transport, ControllerStore& store, uint64_t revision)
    : loop_(loop),
      transport_(transport),
      store_(store),
      assigned_(revision),
      published_(revision),
      sent_(revision),
      recent_from_(revision) {}

WatchEvent EventLog::next(const Instance& row, bool deleted) {
  // As the server itself shows it: a fault is no news of a server that has left ERROR.
  std::string fault = row.vm_state == VmState::kError ? row.fault.message : std::string();
  return WatchEvent{
      ++assigned_,     loop_.wall_now(), row.spec.project_id, row.uuid, row.name, row.vm_state, row.task_state,
      row.power_state, row.current.host,         row.current.epoch,           deleted,  fault};
}

void EventLog::publish(WatchEvent event) {
  published_ = event.revision;
  recent_.push_back(event);
  if (recent_.size() > kRecentEvents) {
    recent_from_ = recent_.front().revision;
    recent_.pop_front();
  }
  if (unsent_.empty()) loop_.at_drain([this] { flush(); });
  unsent_.push_back(std::move(event));
}

void EventLog::flush() {
  WatchEvents message{sent_, std::move(unsent_)};
  unsent_.clear();
  sent_ = published_;
  for (const Peer& api : transport_.peers(Role::kApi)) transport_.send(api.id, Message{0, message});
}

void EventLog::greet(PeerId api) { transport_.send(api, Message{0, WatchEvents{sent_, {}}}); }

Task<Expected<std::vector<WatchEvent>>> EventLog::read(uint64_t since, uint32_t limit) {
  if (since < recent_from_) co_return co_await store_.read_events(since, limit);
  auto first = std::ranges::upper_bound(recent_, since, {}, &WatchEvent::revision);
  auto count = std::min<size_t>(limit, static_cast<size_t>(recent_.end() - first));
  co_return std::vector<WatchEvent>(first, first + static_cast<std::ptrdiff_t>(count));
}

}  // namespace kilonova::controller
