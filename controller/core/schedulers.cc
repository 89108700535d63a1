#include "controller/core/schedulers.h"

#include <algorithm>
#include <utility>

namespace kilonova::controller {

std::optional<SentCast> Schedulers::cast(SelectDestinations message, bool is_lost) {
  auto connected = transport_.peers(Role::kScheduler);
  for (size_t tried = 0; tried < connected.size(); ++tried) {
    const Peer& scheduler = connected[turn_++ % connected.size()];
    State& state = states_[scheduler.id];
    if (state.incarnation != scheduler.incarnation) continue;  // its on_peer_up is still to come
    message.scheduler = scheduler.incarnation;
    message.cast_number = state.last_cast + 1;
    if (!is_lost && !transport_.send(scheduler.id, Message{0, message})) continue;
    state.last_cast += 1;
    return SentCast{scheduler, state.last_cast};
  }
  return std::nullopt;
}

bool Schedulers::on_peer_up(const Peer& scheduler) {
  State& state = states_[scheduler.id];
  if (state.incarnation == scheduler.incarnation) return false;
  state = State{scheduler.incarnation, 0, 0};
  return true;
}

void Schedulers::on_heartbeat(PeerId scheduler, const SchedulerHeartbeat& heartbeat) {
  State& state = states_[scheduler];
  state.watermark = std::max(state.watermark, heartbeat.cast_watermark);
  ratios_ = {heartbeat.cpu_allocation_ratio, heartbeat.ram_allocation_ratio, heartbeat.disk_allocation_ratio};
}

Incarnation Schedulers::incarnation(PeerId scheduler) const {
  auto it = states_.find(scheduler);
  return it == states_.end() ? 0 : it->second.incarnation;
}

uint64_t Schedulers::watermark(PeerId scheduler) const {
  auto it = states_.find(scheduler);
  return it == states_.end() ? 0 : it->second.watermark;
}

}  // namespace kilonova::controller
