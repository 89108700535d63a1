#include "sim/study/study_hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace kilonova::study {
namespace {

std::vector<Resources> totals_of(const Workload& workload) {
  std::vector<Resources> totals;
  totals.reserve(workload.hosts.size());
  for (const HostInfo& host : workload.hosts) totals.push_back(host.total);
  return totals;
}

}  // namespace

StudyHosts::StudyHosts(Loop& loop, Transport& transport, const Workload& workload, const AllocationRatios& ratios)
    : transport_(transport),
      workload_(workload),
      ratios_(ratios),
      publisher_(
          loop, transport, [&workload](uint32_t host) { return workload.hosts[host].name; }, workload.hosts.size()),
      tracker_(totals_of(workload), ratios, [this] { publisher_.on_change(); }),
      measures_(totals_of(workload), ratios, workload.requests) {
  publisher_.follow(tracker_);
  for (uint32_t host = 0; host < workload.hosts.size(); ++host) by_name_.insert(workload.hosts[host].name, host);
}

void StudyHosts::on_peer_up(const Peer& peer) {
  if (peer.id.role == Role::kScheduler) publisher_.on_scheduler_up(peer);
}

void StudyHosts::on_message(const Peer& from, Message message) {
  if (auto* run = get_if<BuildAndRunInstance>(&message.body)) {
    build(from, std::move(*run));
  } else if (const auto* request = get_if<TerminateInstance>(&message.body)) {
    terminate(*request);
  }
}

void StudyHosts::build(const Peer&, BuildAndRunInstance run) {
  const uint32_t host = *by_name_.find(run.host);
  auto claim = tracker_.instance_claim(host, run.placement, resources_of(run.spec.flavor));
  InstanceReport report{.host = run.host, .placement = run.placement, .attempt = run.attempt};
  if (claim) {
    report.result = BuildResult::kActive;
    ++servers_;
    guests_.insert(run.placement.instance, Guest{host, *std::move(claim)});
    measure(host);
  } else {
    ++refused_claims_;
    tracker_.settle(host, run.placement);
    report.result = BuildResult::kRescheduled;
    report.alternates = std::move(run.alternates);
  }
  transport_.send(PeerId{Role::kController, 0}, Message{.call = 0, .body = std::move(report)});
}

void StudyHosts::terminate(const TerminateInstance& request) {
  Guest* guest = guests_.find(request.placement.instance);
  KN_CHECK(guest != nullptr, "a server leaves that is on no host");
  const uint32_t host = guest->host;
  guests_.erase(request.placement.instance);
  --servers_;
  measure(host);
}

void StudyHosts::measure(uint32_t host) {
  const compute::ResourceTracker::Usage& usage = tracker_.usage(host);
  measures_.update(host, usage.used, usage.instances);
}

std::string StudyHosts::why_no_room(const Resources& amount, bool has_gpus) const {
  struct Class {
    std::string_view name;
    int64_t Resources::* amount;
  };
  const std::array classes{Class{"vCPUs", &Resources::vcpus}, Class{"memory", &Resources::memory_mb},
                           Class{has_gpus ? "GPUs" : "disk", &Resources::disk_gb}};
  for (const Class& one : classes) {
    Resources alone;
    alone.*one.amount = amount.*one.amount;
    bool is_there = false;
    for (uint32_t host = 0; host < workload_.hosts.size() && !is_there; ++host) {
      const compute::ResourceTracker::Usage& usage = tracker_.usage(host);
      is_there = fits(usage.total, ratios_, usage.used, alone);
    }
    if (!is_there) return fmt::format("no host has enough free {}", one.name);
  }
  return "no host has enough of everything at once";
}

}  // namespace kilonova::study
