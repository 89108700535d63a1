// What each scheduler believes of the hosts, against the hosts themselves and the controller; and what it still debits.
#include <fmt/format.h>

#include <map>
#include <tuple>

#include "audit/comparison.h"
#include "domain/beliefs.h"

namespace kilonova::audit {

void Comparison::compare_schedulers() {
  for (const DaemonBeliefs& daemon : beliefs_.daemons) {
    if (daemon.daemon.role != Role::kScheduler) continue;
    compare_views(daemon);
    compare_statuses(daemon);
    find_debits_left(daemon);
  }
}

void Comparison::compare_views(const DaemonBeliefs& scheduler) {
  const std::string name = to_string(scheduler.daemon);
  std::map<std::string, const ViewBelief*> views;
  for (const ViewBelief& view : scheduler.beliefs.views) views[view.host] = &view;
  for (const DaemonBeliefs& compute : beliefs_.daemons) {
    for (const UsageBelief& usage : compute.beliefs.usages) {
      auto host = hosts_.find(usage.host);
      // Hosts that the controller does not know, or knows of another process, are not offered to schedulers.
      if (host == hosts_.end() || host->second->process != compute.daemon) continue;
      auto view = views.find(usage.host);
      compare_view(name, view == views.end() ? nullptr : view->second, usage);
    }
  }
}

void Comparison::compare_view(const std::string& scheduler, const ViewBelief* view, const UsageBelief& usage) {
  if (view == nullptr || !view->usage_heard) {
    add(Kind::kViewMissing, {}, usage.host, fmt::format("{} has not heard the usage of {}", scheduler, usage.host));
    return;
  }
  if (std::tie(view->incarnation, view->version, view->reported, view->instances) ==
      std::tie(usage.incarnation, usage.version, usage.used, usage.instances))
    return;
  auto text = [](uint32_t instances, const Resources& used, Incarnation incarnation, uint64_t version) {
    return fmt::format("{} servers use {} (version {} of incarnation {:x})", instances, text_of(used), version,
                       incarnation);
  };
  add(Kind::kViewDiffers, {}, usage.host,
      fmt::format("{} believes that on {} {}; there {}", scheduler, usage.host,
                  text(view->instances, view->reported, view->incarnation, view->version),
                  text(usage.instances, usage.used, usage.incarnation, usage.version)));
}

void Comparison::compare_statuses(const DaemonBeliefs& scheduler) {
  const std::string name = to_string(scheduler.daemon);
  auto text = [](bool up, bool enabled, PeerId process) {
    return fmt::format("{}, {}, carried by {}", up ? "up" : "down", enabled ? "enabled" : "disabled",
                       to_string(process));
  };
  std::map<std::string, const ViewBelief*> views;
  for (const ViewBelief& view : scheduler.beliefs.views) views[view.host] = &view;
  for (const auto& [host_name, host] : hosts_) {
    auto found = views.find(host_name);
    if (found == views.end() || !found->second->status_heard) {
      add(Kind::kViewMissing, {}, host_name, fmt::format("{} has not heard the status of {}", name, host_name));
      continue;
    }
    const ViewBelief& view = *found->second;
    if (std::tie(view.up, view.enabled, view.process) == std::tie(host->up, host->enabled, host->process)) continue;
    add(Kind::kViewStatus, {}, host_name,
        fmt::format("{} believes that {} is {}; the controller says {}", name, host_name,
                    text(view.up, view.enabled, view.process), text(host->up, host->enabled, host->process)));
  }
}

void Comparison::find_debits_left(const DaemonBeliefs& scheduler) {
  for (const DebitBelief& debit : scheduler.beliefs.debits) {
    if (debit.age < kDebitPatience || !at_rest(debit.instance)) continue;
    const ServerBelief* row = row_of(debit.instance);
    add(Kind::kDebitLeft, debit.instance, debit.host,
        fmt::format("{} debits {} on {} for epoch {} of {}, which {}", to_string(scheduler.daemon),
                    text_of(debit.amount), debit.host, debit.epoch, name_of(debit.instance),
                    row ? "is " + state_of(*row) : std::string("has no row")));
  }
}

}  // namespace kilonova::audit
