#include "controller/core/running_deleted.h"

#include <algorithm>
#include <iterator>
#include <limits>
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

}  // namespace

bool RunningDeleted::reaps_at_once() const {
  const ControllerOptions& options = world_.options;
  return options.running_deleted_instance_action == RunningDeletedAction::kReap &&
         options.running_deleted_instance_poll_interval.us <= 0 && options.running_deleted_instance_timeout.us <= 0;
}

bool RunningDeleted::is_reaped(PeerId process, std::string host, const PlacementId& placement) {
  if (reaps_at_once()) return true;
  if (world_.options.running_deleted_instance_action == RunningDeletedAction::kNoop) return false;
  KN_SOMETIMES("controller: a guest of a deleted server is left alone for now");
  const Instant now = world_.loop.now();
  auto [known, is_new] = found_.try_emplace(placement, Found{process, host, now, now});
  known->second.process = process;
  known->second.named = now;
  const auto* gone = host.empty() ? find_deleted_server(world_.records, {true, {}}, placement.instance) : nullptr;
  if (gone != nullptr) host = gone->row.current.host;
  if (!host.empty()) known->second.host = std::move(host);
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
    act(one->first, one->second);
    if (options.running_deleted_instance_action == RunningDeletedAction::kReap) found_.erase(one);
  }
}

void RunningDeleted::act(const PlacementId& placement, const Found& found) {
  const RunningDeletedAction action = world_.options.running_deleted_instance_action;
  const std::string_view what = action == RunningDeletedAction::kReap       ? "it is destroyed"
                                : action == RunningDeletedAction::kShutdown ? "it is powered off"
                                                                            : "it is left alone";
  world_.log.event(LogLevel::kWarning, "a server is deleted, and its guest is still on a host",
                   {{"instance", to_string(placement.instance)},
                    {"host", found.host},
                    {"process", to_string(found.process)},
                    {"then", std::string(what)}});
  if (found.host.empty()) return;  // its host says so when it registers
  if (action == RunningDeletedAction::kReap)
    world_.transport.send(found.process,
                          Message{0, ReportAnswer{found.host, placement, ReportAnswer::Verdict::kStale}});
  if (action == RunningDeletedAction::kShutdown)
    world_.transport.send(
        found.process,
        Message{0, ApplyServerAction{found.host, placement, kLastOperation, ServerActionKind::kStop, {}, {}, {}}});
}

}  // namespace kilonova::controller
