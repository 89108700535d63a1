// Step 4, host_selected: nova/scheduler/manager.py, SchedulerManager.select_destinations and _schedule.
#include "scheduler/core/select_destinations.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/sometimes.h"
#include "domain/resources.h"
#include "scheduler/core/explain_refusal.h"
#include "scheduler/core/neighbours.h"
#include "scheduler/core/scheduler_core.h"

namespace kilonova::scheduler {
namespace {

constexpr std::string_view kNoValidHost = "No valid host was found.";
// nova/scheduler/manager.py _ensure_sufficient_hosts.
constexpr std::string_view kNotEnoughHosts = "No valid host was found. There are not enough hosts available.";

// "" when the amounts make sense; a cast that does not is answered like any other that no host can take.
std::string wrong_amount(const Flavor& flavor) {
  struct Amount {
    std::string_view name;
    int64_t value;
  };
  for (const Amount& amount :
       {Amount{"vcpus", flavor.vcpus}, Amount{"MiB of memory", flavor.memory_mb},
        Amount{"GiB of root disk", flavor.root_gb}, Amount{"GiB of ephemeral disk", flavor.ephemeral_gb},
        Amount{"MiB of swap", flavor.swap_mb}})
    if (amount.value < 0 || amount.value > kMaxAmount)
      return fmt::format("{} Flavor '{}' asks for {} {}, which must be from 0 to {}.", kNoValidHost, flavor.name,
                         amount.value, amount.name, kMaxAmount);
  return "";
}

std::vector<HostIndex> indices_of(const HostManager& hosts, const std::vector<std::string>& names) {
  std::vector<HostIndex> indices;
  for (const std::string& name : names)
    if (auto index = hosts.find(name)) indices.push_back(*index);
  std::sort(indices.begin(), indices.end());
  return indices;
}

bool is_left_out(const SchedulingRequest& wanted, const HostState& host, HostIndex index) {
  return std::binary_search(wanted.excluded.begin(), wanted.excluded.end(), index) ||
         std::find(wanted.unreachable.begin(), wanted.unreachable.end(), host.process) != wanted.unreachable.end();
}

// Which filter ended it; what comes before the resource, in the explanation for admins.
std::string explain_filters(const Decision& decision) {
  if (decision.hosts_total == 0) return "No host is known.";
  if (decision.filters.empty()) return {};
  const FilterCount& last = decision.filters.back();
  return fmt::format("Of {} hosts, {} left {}.", decision.hosts_total, last.filter,
                     last.hosts_left == 0 ? "none" : std::to_string(last.hosts_left));
}

}  // namespace

std::vector<HostIndex> excluded_by(const HostManager& hosts, const std::string& requested_host,
                                   const std::vector<std::string>& excluded_hosts) {
  std::vector<HostIndex> named = indices_of(hosts, excluded_hosts);
  if (requested_host.empty()) return named;
  const auto requested = hosts.find(requested_host);
  std::vector<HostIndex> excluded;
  for (HostIndex index = 0; index < hosts.size(); ++index)
    if (index != requested || std::ranges::binary_search(named, index)) excluded.push_back(index);
  return excluded;
}

void SchedulerCore::select_destinations(const Peer& controller, SelectDestinations cast, bool again) {
  if (cast.scheduler != transport_.incarnation()) {
    SelectDestinationsRefused refused{cast.cast_number, {}};
    for (const PlacementRequest& request : cast.requests) refused.placements.push_back(request.placement);
    transport_.send(controller.id, Message{.call = 0, .body = std::move(refused)});
    return;
  }
  if (!again && is_delayed(controller, cast)) return;
  hosts_.expire_debits(loop_.now());
  Batch batch{
      controller, cast, {cast.spec, {}, excluded_by(hosts_, cast.requested_host, cast.excluded_hosts), {}}, {}, {}};
  const bool repeated = !again && cast.cast_number <= cast_watermark_;  // numbers ascend from 1
  std::vector<PlacementRequest*> requests = requests_to_place(cast, repeated);
  fail_selections(batch, requests);
  for (PlacementRequest* request : requests) batch.selections.emplace_back().request = request;
  if (!requests.empty() && select_all(batch)) cast_all(batch);
  // Handled only now, and never lowered: numbers come in order.
  cast_watermark_ = std::max(cast_watermark_, cast.cast_number);
}

// Leaves out what was placed before: a repeat goes to the same host again while its debit lasts, and nowhere after that;
// an earlier epoch than the debited is stale.
std::vector<PlacementRequest*> SchedulerCore::requests_to_place(SelectDestinations& cast, bool repeated) {
  std::vector<PlacementRequest*> requests;
  HashMap<Uuid, bool> seen;
  for (PlacementRequest& request : cast.requests) {
    if (!seen.insert(request.placement.instance, true)) continue;
    const Debit* debit = hosts_.find_debit(request.placement.instance);
    if (debit == nullptr || debit->placement.epoch < request.placement.epoch) {
      if (repeated) {
        KN_SOMETIMES("scheduler: a cast is repeated when its debit is over");
        continue;
      }
      requests.push_back(&request);
    } else if (debit->placement.epoch == request.placement.epoch) {
      KN_SOMETIMES("scheduler: a cast is a repeat");
      repeat_cast(cast, request, *debit);
    } else {
      KN_SOMETIMES("scheduler: a cast is stale");
      log_.event(LogLevel::kInfo, "a cast of an earlier epoch was ignored",
                 {{"instance", to_string(request.placement.instance)},
                  {"epoch", std::to_string(request.placement.epoch)},
                  {"current", std::to_string(debit->placement.epoch)}});
    }
  }
  return requests;
}

// All or none, as Nova places the servers of one create call. On failure the debits are undone and it is reported.
bool SchedulerCore::select_all(Batch& batch) {
  std::string nonsense = wrong_amount(batch.cast.spec.flavor);
  if (nonsense.empty()) batch.wanted.amount = resources_of(batch.cast.spec.flavor);
  std::vector<HostIndex> ranking;
  for (size_t i = 0; i < batch.selections.size(); ++i) {
    Selection& selection = batch.selections[i];
    bool is_last = i + 1 == batch.selections.size();
    // The alternates of all come from the last ranking, without those selected.
    size_t wanted = is_last ? 1 + (options_.max_attempts - 1) + i : 1;
    selection.decision.reason = nonsense;
    if (nonsense.empty() && select_host(batch, selection, wanted, ranking)) continue;

    for (size_t done = 0; done < i; ++done) hosts_.end_debit(batch.selections[done].request->placement);
    if (i > 0) {
      selection.decision.explanation = fmt::format("Hosts were found for {} of {} servers. {}", i,
                                                   batch.selections.size(), selection.decision.explanation);
      selection.decision.reason = kNotEnoughHosts;
    }
    std::vector<PlacementRequest*> requests;
    for (const Selection& each : batch.selections) requests.push_back(each.request);
    report_no_valid_host(batch, requests, selection);
    return false;
  }
  if (batch.cast.alternates.empty()) give_alternates(batch, ranking);
  return true;
}

bool SchedulerCore::select_host(Batch& batch, Selection& selection, size_t wanted, std::vector<HostIndex>& ranking) {
  const PlacementRequest& request = *selection.request;
  WallTime wall_start = loop_.wall_now();
  Instant start = loop_.now();
  selection.decision = Decision{.epoch = request.placement.epoch,
                                .attempt = request.attempt,
                                .scheduler = self_,
                                .driver = std::string(driver_->name()),
                                .ratios = options_.ratios};
  batch.wanted.neighbours = find_neighbours(hosts_, batch.cast, request.placement.instance);
  const uint64_t change = hosts_.last_change();
  ranking = rank_hosts(batch, selection, wanted);
  ++decisions_;
  if (batch.cast.alternates.empty() && batch.cast.spec.forced_host.empty()) remember(batch, request.placement, change);
  selection.host_selected = StepRecord{.step = LaunchStep::kHostSelected,
                                       .epoch = request.placement.epoch,
                                       .attempt = request.attempt,
                                       .daemon = self_,
                                       .start = wall_start,
                                       .fault_rule = rule_that_struck(request.placement)};
  if (!ranking.empty()) {
    selection.host = ranking.front();
    selection.decision.chosen = selection.host_selected.host = hosts_.host(selection.host).name;
    hosts_.consume_from_request(selection.host, request.placement, batch.wanted.amount,
                                loop_.now() + options_.debit_expiry);
  }
  selection.host_selected.duration = loop_.now() - start;
  return !ranking.empty();
}

void SchedulerCore::remember(Batch& batch, const PlacementId& placement, uint64_t change) {
  const SelectDestinations& cast = batch.cast;
  if (!batch.asked)
    batch.asked = std::make_shared<const AskedFor>(AskedFor{cast.spec, cast.requested_host, cast.excluded_hosts});
  past_decisions_.note({placement, change, batch.asked, batch.wanted.unreachable, batch.wanted.neighbours});
}

std::vector<HostIndex> SchedulerCore::rank_hosts(const Batch& batch, Selection& selection, size_t wanted) {
  if (!batch.cast.alternates.empty()) return take_alternate(batch, selection);
  if (!batch.cast.spec.forced_host.empty()) return take_forced_host(batch, selection.decision);
  auto ranking = driver_->select_hosts(hosts_, batch.wanted, wanted, random_, selection.decision);
  if (ranking.empty()) {
    selection.decision.reason = kNotEnoughHosts;
    selection.decision.explanation =
        explain_filters(selection.decision) + explain_refusal(hosts_, batch.wanted, options_, selection.decision);
  }
  return ranking;
}

// Admins' "zone:host": no filter runs, but the host must be there, and one that failed this launch is not tried again.
std::vector<HostIndex> SchedulerCore::take_forced_host(const Batch& batch, Decision& decision) const {
  const std::string& name = batch.cast.spec.forced_host;
  auto index = hosts_.find(name);
  decision.hosts_total = index && hosts_.host(*index).is_candidate() ? 1 : 0;
  if (decision.hosts_total == 1 && !is_left_out(batch.wanted, hosts_.host(*index), *index)) return {*index};
  decision.reason =
      decision.hosts_total == 0
          ? fmt::format("{} The forced host '{}' is not registered.", kNoValidHost, name)
          : fmt::format("{} The forced host '{}' was tried before or is out of reach.", kNoValidHost, name);
  return {};
}

// A reschedule: nova/conductor/manager.py build_instances takes the next alternate whose claim succeeds, unweighed.
std::vector<HostIndex> SchedulerCore::take_alternate(const Batch& batch, Selection& selection) const {
  const std::vector<std::string>& alternates = batch.cast.alternates;
  Decision& decision = selection.decision;
  decision.from_alternates = true;
  decision.hosts_total = static_cast<uint32_t>(alternates.size());
  for (size_t i = 0; i < alternates.size(); ++i) {
    auto index = hosts_.find(alternates[i]);
    if (!index) continue;
    const HostState& host = hosts_.host(*index);
    if (!host.is_candidate() || !host.up || !host.enabled || is_left_out(batch.wanted, host, *index)) continue;
    if (!fits(host.total, options_.ratios, host.used(), batch.wanted.amount)) continue;
    const Neighbours& neighbours = batch.wanted.neighbours;
    if (!passes_anti_affinity(neighbours, *index) || !passes_affinity(neighbours, *index)) continue;
    selection.alternates.assign(alternates.begin() + static_cast<ptrdiff_t>(i) + 1, alternates.end());
    decision.alternates = selection.alternates;
    return {*index};
  }
  decision.reason = fmt::format(
      "Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance {}.",
      to_string(selection.request->placement.instance));
  return {};
}

// Up to max_attempts - 1 of the next best, none of them selected in this batch: SchedulerManager._get_alternate_hosts.
void SchedulerCore::give_alternates(Batch& batch, const std::vector<HostIndex>& ranking) {
  std::vector<HostIndex> selected;
  for (const Selection& selection : batch.selections) selected.push_back(selection.host);
  std::sort(selected.begin(), selected.end());
  std::vector<std::string> alternates;
  for (HostIndex index : ranking) {
    if (alternates.size() + 1 >= options_.max_attempts) break;
    if (!std::binary_search(selected.begin(), selected.end(), index)) alternates.push_back(hosts_.host(index).name);
  }
  for (Selection& selection : batch.selections) {
    selection.alternates = alternates;
    selection.decision.alternates = alternates;
  }
}

}  // namespace kilonova::scheduler
