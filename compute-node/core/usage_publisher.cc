#include "compute-node/core/usage_publisher.h"

#include <utility>

#include "base/hash_map.h"

namespace kilonova::compute {
namespace {

constexpr size_t kHostsPerMessage = 2000;
constexpr size_t kRefreshRounds = 30;

}  // namespace

void UsagePublisher::on_scheduler_up(const Peer& scheduler) {
  Scheduler& known = schedulers_[scheduler.id];
  // Nothing that was sent to the same incarnation is lost.
  if (known.incarnation != scheduler.incarnation) known = {.incarnation = scheduler.incarnation};
  known.up = true;
  known.due = known.needs_all;
  if (known.due) on_change();
}

void UsagePublisher::on_scheduler_down(const Peer& scheduler) {
  auto known = schedulers_.find(scheduler.id);
  if (known != schedulers_.end() && known->second.incarnation == scheduler.incarnation) known->second.up = false;
}

void UsagePublisher::on_change() {
  if (std::exchange(scheduled_, true)) return;
  loop_.at_drain([alive = std::weak_ptr<UsagePublisher*>(alive_)] {
    if (auto self = alive.lock()) (*self)->publish();
  });
}

void UsagePublisher::retry() {
  for (auto& [id, scheduler] : schedulers_) {
    if (!scheduler.up || !scheduler.needs_all) continue;
    scheduler.due = true;
    on_change();
  }
}

void UsagePublisher::refresh() {
  // As many as make the round of all hosts in kRefreshRounds calls, however few there are.
  size_t call = ++refresh_calls_ % kRefreshRounds;
  UsageUpdate update;
  for (size_t host = call * hosts_ / kRefreshRounds; host < (call + 1) * hosts_ / kRefreshRounds; ++host) {
    HostUsage usage = usage_of(static_cast<uint32_t>(host), {});
    if (!usage.host.empty()) update.hosts.push_back(std::move(usage));
  }
  if (update.hosts.empty()) return;
  for (auto& [id, scheduler] : schedulers_)
    if (scheduler.up && !scheduler.needs_all) scheduler.needs_all = !transport_.send(id, Message{0, update});
}

void UsagePublisher::publish() {
  scheduled_ = false;
  std::vector<ResourceTracker::Change> changes = tracker_->take_changes();
  UsageUpdate update;
  for (const ResourceTracker::Change& change : changes) {
    HostUsage usage = usage_of(change.host, change.settled);
    if (!usage.host.empty()) update.hosts.push_back(std::move(usage));
  }
  for (auto& [id, scheduler] : schedulers_) {
    if (!scheduler.up) {
      scheduler.needs_all |= !update.hosts.empty();
    } else if (!scheduler.needs_all) {
      scheduler.needs_all = !update.hosts.empty() && !transport_.send(id, Message{0, update});
      scheduler.due = false;
    } else if (std::exchange(scheduler.due, false)) {
      scheduler.needs_all = !send_all(id, changes);
    }
  }
}

HostUsage UsagePublisher::usage_of(uint32_t host, std::vector<PlacementId> settled) const {
  const ResourceTracker::Usage& usage = tracker_->usage(host);
  return {.host = host_name_(host),
          .version = usage.version,
          .total = usage.total,
          .used = usage.used,
          .instances = usage.instances,
          .settled = std::move(settled)};
}

bool UsagePublisher::send_all(PeerId scheduler, const std::vector<ResourceTracker::Change>& changes) const {
  HashMap<uint32_t, const ResourceTracker::Change*> change_of;
  for (const ResourceTracker::Change& change : changes) change_of.insert(change.host, &change);
  UsageUpdate part{.full = true, .hosts = {}};
  for (uint32_t host = 0; host < hosts_; ++host) {
    const ResourceTracker::Change* const* change = change_of.find(host);
    HostUsage usage = usage_of(host, change == nullptr ? std::vector<PlacementId>() : (*change)->settled);
    if (!usage.host.empty()) part.hosts.push_back(std::move(usage));
    if (part.hosts.size() < kHostsPerMessage) continue;
    if (!transport_.send(scheduler, Message{0, std::move(part)})) return false;
    part = UsageUpdate{};
  }
  if (part.hosts.empty() && !part.full) return true;
  return transport_.send(scheduler, Message{0, std::move(part)});
}

}  // namespace kilonova::compute
