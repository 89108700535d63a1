#include "controller/core/event_log.h"

#include "domain/watch_event.h"

#include <algorithm>
#include <utility>

namespace kilonova::controller {
namespace {

constexpr size_t kRecentEvents = 10'000;
constexpr size_t kCloudEventsAtOnce = 10'000;

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
      row.power_state, row.current.host, row.current.epoch, deleted, fault, row.current.step, row.attempt};
}

void EventLog::publish(WatchEvent event) {
  published_ = event.revision;
  recent_.push_back(event);
  if (recent_.size() > kRecentEvents) {
    recent_from_ = recent_.front().revision;
    recent_.pop_front();
  }
  flush_soon();
  unsent_.push_back(std::move(event));
}

void EventLog::tell(CloudEvent event) {
  flush_soon();
  untold_.push_back(std::move(event));
}

void EventLog::flush_soon() {
  if (unsent_.empty() && untold_.empty()) loop_.at_drain([this] { flush(); });
}

void EventLog::flush() {
  WatchEvents message{sent_, std::exchange(unsent_, {}), {}};
  sent_ = published_;
  const std::vector<Peer> apis = transport_.peers(Role::kApi);
  if (!message.events.empty())
    for (const Peer& api : apis) transport_.send(api.id, Message{0, message});
  // In messages of their own: all hosts of a large cloud may go down at once.
  const std::vector<CloudEvent> untold = std::exchange(untold_, {});
  for (size_t at = 0; at < untold.size(); at += kCloudEventsAtOnce) {
    auto end = untold.begin() + static_cast<std::ptrdiff_t>(std::min(at + kCloudEventsAtOnce, untold.size()));
    WatchEvents news{sent_, {}, {untold.begin() + static_cast<std::ptrdiff_t>(at), end}};
    for (const Peer& api : apis) transport_.send(api.id, Message{0, news});
  }
}

void EventLog::greet(PeerId api) { transport_.send(api, Message{0, WatchEvents{sent_, {}, {}}}); }

Task<Expected<std::vector<WatchEvent>>> EventLog::read(uint64_t since, uint32_t limit) {
  if (since < recent_from_) co_return co_await store_.read_events(since, limit);
  auto first = std::ranges::upper_bound(recent_, since, {}, &WatchEvent::revision);
  auto count = std::min<size_t>(limit, static_cast<size_t>(recent_.end() - first));
  co_return std::vector<WatchEvent>(first, first + static_cast<std::ptrdiff_t>(count));
}

}  // namespace kilonova::controller
