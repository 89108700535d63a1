#include "controller/metrics.h"

#include <array>
#include <string_view>

namespace kilonova::controller {
namespace {

// Those that have not struck yet are there with 0, so that a rate of their first strike is seen.
constexpr auto kEffects =
    std::to_array<std::string_view>({"abort", "crash", "delay", "drop", "fail", "hang", "lose_reply"});

}  // namespace

void add_metrics(MetricPage& page, const ControllerCounts& counts) {
  auto add = [&page](const Metric& metric, auto value, MetricPage::LabelValues labels = {}) {
    page.add(metric, static_cast<double>(value), labels);
  };
  add(metric::kLaunches, counts.launches.active, {"active"});
  add(metric::kLaunches, counts.launches.error, {"error"});
  add(metric::kLaunches, counts.launches.deleted, {"deleted"});
  add(metric::kLaunchRetries, counts.launches.retries);
  add(metric::kLaunchesUnderWay, counts.under_way);
  for (const auto& [state, servers] : counts.servers) add(metric::kServers, servers, {to_string(state)});
  add(metric::kServersInTransition, counts.servers_in_transition);
  add(metric::kHosts, counts.hosts.up, {"up"});
  add(metric::kHosts, counts.hosts.disabled, {"disabled"});
  add(metric::kHosts, counts.hosts.down, {"down"});
  add(metric::kHosts, counts.hosts.forced_down, {"forced_down"});
  add(metric::kClaimConflicts, counts.claim_conflicts);
  for (std::string_view effect : kEffects) {
    auto struck = counts.strikes.find(std::string(effect));
    add(metric::kFaultStrikes, struck == counts.strikes.end() ? 0 : struck->second, {effect});
  }
  add(metric::kRevision, counts.revision);
}

}  // namespace kilonova::controller
