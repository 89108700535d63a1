#include "controller/core/running_deleted.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include "base/sometimes.h"
#include "controller/core/deleted_servers.h"
#include "domain/server_actions.h"

namespace kilonova::controller {
namespace {

constexpr Duration kShortestInterval = seconds(10);
// A guest that no audit names any more is gone.
constexpr Duration kRemembered = seconds(3'600);
// Above every number that its server has had.
constexpr uint64_t kLastOperation = std::numeric_limits<uint64_t>::max();

// The delete took the next epoch (apply_deleting). An older guest is one of a try that was given up.
bool is_last_of(const Instance& gone, const PlacementId& guest) { return guest.epoch + 1 == gone.current.epoch; }

}  // namespace

bool RunningDeleted::reaps_at_once() const {
  const ControllerOptions& options = world_.options;
  return options.running_deleted_instance_action == RunningDeletedAction::kReap &&
         options.running_deleted_instance_poll_interval.us <= 0 && options.running_deleted_instance_timeout.us <= 0;
}

bool RunningDeleted::is_reaped(PeerId process, std::string host, const PlacementId& placement) {
  if (reaps_at_once()) return true;
  if (world_.options.running_deleted_instance_action == RunningDeletedAction::kNoop) return false;
  const auto* gone = find_deleted_server(world_.records, {true, {}}, placement.instance);
  if (gone != nullptr && !is_last_of(gone->row, placement)) {
    KN_SOMETIMES("controller: a deleted server had left a guest behind before");
    return true;
  }
  const Instant now = world_.loop.now();
  const auto known = found_.try_emplace(placement, Found{process, {}, now, now}).first;
  Found& found = known->second;
  found.process = process;
  found.named = now;
  if (!host.empty()) found.host = std::move(host);
  // Who named it knows where it is.
  const ControllerOptions& options = world_.options;
  const bool is_due = now - found.since >= std::max(options.running_deleted_instance_timeout,
                                                    options.running_deleted_instance_poll_interval);
  if (options.running_deleted_instance_action == RunningDeletedAction::kReap && is_due) {
    say(placement, found, "it is destroyed");
    found_.erase(known);
    return true;
  }
  KN_SOMETIMES("controller: a guest of a deleted server is left alone for now");
  return false;
}

void RunningDeleted::look() {
  const ControllerOptions& options = world_.options;
  if (found_.empty() || options.running_deleted_instance_action == RunningDeletedAction::kNoop) return;
  const Instant now = world_.loop.now();
  if (now - looked_ < std::max(options.running_deleted_instance_poll_interval, kShortestInterval)) return;
  looked_ = now;
  std::erase_if(found_, [&](const auto& entry) { return now - entry.second.named > kRemembered; });
  for (auto found = found_.begin(); found != found_.end();) {
    auto one = found++;
    if (now - one->second.since < options.running_deleted_instance_timeout) continue;
    if (!act(one->first, one->second)) found_.erase(one);
  }
}

void RunningDeleted::say(const PlacementId& placement, const Found& found, std::string then) const {
  world_.log.event(LogLevel::kWarning, "a server is deleted, and its guest is still on a host",
                   {{"instance", to_string(placement.instance)},
                    {"host", found.host},
                    {"process", to_string(found.process)},
                    {"then", std::move(then)}});
}

// Who is not told is told when the guest is named next.
bool RunningDeleted::act(const PlacementId& placement, const Found& found) {
  const bool knows_host = !found.host.empty();
  switch (world_.options.running_deleted_instance_action) {
    case RunningDeletedAction::kNoop: return true;
    case RunningDeletedAction::kLog: say(placement, found, "it is left alone"); return true;
    case RunningDeletedAction::kShutdown:
      say(placement, found, knows_host ? "it is powered off" : "it is powered off once its host registers");
      if (knows_host)
        world_.transport.send(
            found.process,
            Message{0, ApplyServerAction{found.host, placement, kLastOperation, ServerActionKind::kStop, {}, {}, {}}});
      return true;
    case RunningDeletedAction::kReap:
      if (!knows_host) return true;
      say(placement, found, "it is destroyed");
      world_.transport.send(found.process,
                            Message{0, ReportAnswer{found.host, placement, ReportAnswer::Verdict::kStale}});
      return false;
  }
  return true;
}

}  // namespace kilonova::controller
