#include "controller/core/event_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/sometimes.h"
#include "domain/watch_event.h"

namespace kilonova::controller {
namespace {

constexpr size_t kRecentEvents = 10'000;
constexpr size_t kCloudEventsAtOnce = 10'000;

}  // namespace

EventLog::EventLog(Loop& loop, Transport& transport, ControllerStore& store, const ControllerState& state)
    : loop_(loop),
      transport_(transport),
      store_(store),
      generations_(state, transport.incarnation()),
      assigned_(state.revision),
      published_(state.revision),
      sent_(state.revision),
      recent_from_(state.revision) {}

WatchEvent EventLog::next(const Instance& row, bool deleted) {
  // As the server itself shows it: a fault is no news of a server that has left ERROR.
  std::string fault = row.vm_state == VmState::kError ? row.fault.message : std::string();
  return WatchEvent{
      ++assigned_,     loop_.wall_now(), row.spec.project_id, row.uuid, row.name, row.vm_state, row.task_state,
      row.power_state, row.current.host, row.current.epoch, deleted, fault, row.current.step, row.attempt};
}

void EventLog::publish(WatchEvent event) {
  generations_.begin();
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
  WatchEvents message{sent_, std::exchange(unsent_, {}), {}, generation()};
  sent_ = published_;
  const std::vector<Peer> apis = transport_.peers(Role::kApi);
  if (!message.events.empty())
    for (const Peer& api : apis) transport_.send(api.id, Message{0, message});
  // In messages of their own: all hosts of a large cloud may go down at once.
  const std::vector<CloudEvent> untold = std::exchange(untold_, {});
  for (size_t at = 0; at < untold.size(); at += kCloudEventsAtOnce) {
    auto end = untold.begin() + static_cast<std::ptrdiff_t>(std::min(at + kCloudEventsAtOnce, untold.size()));
    WatchEvents news{sent_, {}, {untold.begin() + static_cast<std::ptrdiff_t>(at), end}, generation()};
    for (const Peer& api : apis) transport_.send(api.id, Message{0, news});
  }
}

// Between a commit and its flush the old generation is over, and its last revision is known in the new one as well.
void EventLog::greet(PeerId api) { transport_.send(api, Message{0, WatchEvents{sent_, {}, {}, generation()}}); }

Expected<> EventLog::check_position(uint64_t generation, uint64_t revision) const {
  if (generation == 0 || generations_.is_known(generation, revision)) return {};
  KN_SOMETIMES("controller: a watcher knows a history that was lost");
  return fail(
      ErrorCode::kOutOfRange,
      fmt::format("{}: revision {} of generation {:016x} is not of its history; list the servers and resume from "
                  "revision {}",
                  kWentBack, revision, generation, published_));
}

Task<Expected<std::vector<WatchEvent>>> EventLog::read(uint64_t since, uint32_t limit) {
  if (since < recent_from_) co_return co_await store_.read_events(since, limit);
  auto first = std::ranges::upper_bound(recent_, since, {}, &WatchEvent::revision);
  auto count = std::min<size_t>(limit, static_cast<size_t>(recent_.end() - first));
  co_return std::vector<WatchEvent>(first, first + static_cast<std::ptrdiff_t>(count));
}

}  // namespace kilonova::controller
