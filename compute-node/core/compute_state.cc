#include "compute-node/core/compute_state.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/sometimes.h"
#include "runtime/sleep.h"

namespace kilonova::compute {
namespace {

constexpr Duration kJournalRetry = seconds(1);

std::vector<ComputeHost> hosts_of(std::vector<HostInfo>& infos) {
  std::vector<ComputeHost> hosts(infos.size());
  for (size_t i = 0; i < infos.size(); ++i) {
    hosts[i].name = std::move(infos[i].name);
    hosts[i].zone = std::move(infos[i].zone);
  }
  return hosts;
}

std::vector<Resources> totals_of(const std::vector<HostInfo>& infos, const ComputeOptions& options) {
  std::vector<Resources> totals;
  totals.reserve(infos.size());
  for (const HostInfo& info : infos)
    totals.push_back({.vcpus = std::max<int64_t>(0, info.total.vcpus - options.reserved_host_cpus),
                      .memory_mb = std::max<int64_t>(0, info.total.memory_mb - options.reserved_host_memory_mb),
                      .disk_gb = std::max<int64_t>(0, info.total.disk_gb - options.reserved_host_disk_gb)});
  return totals;
}

}  // namespace

ComputeState::ComputeState(ComputePorts the_ports, ComputeOptions the_options, std::vector<HostInfo> infos)
    : ports(the_ports),
      options(the_options),
      daemon(to_string(ports.transport.self())),
      hosts(hosts_of(infos)),
      random(the_ports.random),
      publisher(
          ports.loop, ports.transport,
          [this](uint32_t host) { return hosts[host].is_not_ours() ? std::string() : hosts[host].name; }, hosts.size()),
      tracker(totals_of(infos, options), options.ratios, [this] { publisher.on_change(); }),
      images(ports.loop, hosts.size(), options.max_cached_images),
      releases(ports.loop, ports.transport),
      table(options.fence_retention, options.max_fences),
      instance_locks(ports.loop),
      caller(ports.loop, ports.transport),
      faults(caller, Random(0, daemon, "fault rules"), options.rpc_response_timeout),
      gates(ports.loop, options.steps_by_hand) {
  publisher.follow(tracker);
  by_name_.reserve(hosts.size());
  for (uint32_t host = 0; host < hosts.size(); ++host)
    KN_CHECK(by_name_.insert(hosts[host].name, host), "two hosts of one process have one name");
}

std::optional<uint32_t> ComputeState::find_host(std::string_view name) const {
  const uint32_t* host = by_name_.find(name);
  return host == nullptr ? std::nullopt : std::optional<uint32_t>(*host);
}

Semaphore* ComputeState::build_slots(uint32_t host) {
  if (options.max_concurrent_builds == 0) return nullptr;
  std::unique_ptr<Semaphore>& builds = hosts[host].builds;
  if (!builds) builds = std::make_unique<Semaphore>(ports.loop, options.max_concurrent_builds);
  return builds.get();
}

GuestRecord ComputeState::record_of(const HostInstance& key, const Guest& guest, PowerState power_state,
                                    bool built) const {
  return {.host = host_name(key.host),
          .placement = {.instance = key.instance, .epoch = guest.epoch},
          .name = guest.name,
          .resources = guest.claim.resources(),
          .power_state = power_state,
          .built = built,
          .shares_with = guest.shares_with};
}

Task<void> ComputeState::destroy_guest(HostInstance key, uint64_t up_to_epoch) {
  const InstanceOnHost* entry = table.find(key);
  if (entry == nullptr || !entry->guest || entry->guest->epoch > up_to_epoch) co_return;
  if (entry->guest->exists) co_await ports.hypervisor.destroy_guest();
  for (;;) {
    Expected<> erased = ports.journal.erase(host_name(key.host), key.instance);
    if (erased) break;
    KN_SOMETIMES("compute: the journal refuses to forget a guest");
    ports.log.event(
        LogLevel::kWarning, "the journal refuses to forget a guest; trying again",
        {{"host", host_name(key.host)}, {"instance", to_string(key.instance)}, {"reason", erased.error().message}});
    co_await sleep_for(ports.loop, kJournalRetry);
  }
  // An entry with a guest stays, and under the instance's lock the guest is the one that was there.
  table.find(key)->guest.reset();
}

Task<void> ComputeState::fetch_image(uint32_t host, ImageRef image) {
  while (!image.id.is_nil() && !images.use(host, image.id)) {
    if (auto download = images.begin(host, image.id)) {
      co_await ports.hypervisor.download_image(image.size_bytes);
      download.finish();
      break;
    }
    co_await images.wait(host, image.id);
  }
}

void ComputeState::send_terminal_report(const HostInstance& key, InstanceReport report) {
  InstanceOnHost* entry = table.find(key);
  KN_CHECK(entry != nullptr && entry->building, "a terminal report of no build");
  auto unanswered = std::make_unique<UnansweredReport>();
  unanswered->report = std::move(report);
  unanswered->sent_at = ports.loop.now();
  ports.transport.send(kController, Message{0, unanswered->report});
  table.end_build(*entry, std::move(unanswered));
}

void ComputeState::resend_reports(Duration unanswered_for) {
  Instant now = ports.loop.now();
  for (const HostInstance& key : table.unfinished()) {
    UnansweredReport* unanswered = table.find(key)->unanswered.get();
    if (unanswered == nullptr || now - unanswered->sent_at < unanswered_for) continue;
    KN_SOMETIMES("compute: a report is told again");
    unanswered->sent_at = now;
    ports.transport.send(kController, Message{0, unanswered->report});
  }
}

}  // namespace kilonova::compute
