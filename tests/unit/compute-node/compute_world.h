// ComputeWorld: one compute process in virtual time; the test plays the controller, a scheduler and the network.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compute-node/core/compute_core.h"
#include "compute-node/hypervisor/simulated_hypervisor.h"
#include "compute-node/hypervisor/timing_model.h"
#include "runtime/virtual_loop.h"
#include "tests/support/fake_transport.h"
#include "tests/support/recording_log.h"
#include "tests/unit/compute-node/memory_journal.h"

namespace kilonova::testing {

inline constexpr PeerId kController{Role::kController, 0};
inline constexpr PeerId kScheduler{Role::kScheduler, 0};
inline constexpr PeerId kNetwork{Role::kNetwork, 0};
inline constexpr PeerId kSelf{Role::kCompute, 0};

inline Uuid uuid_of(uint64_t number) {
  Uuid uuid;
  for (int i = 0; i < 8; ++i) uuid.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  uuid.bytes[0] = 1;
  return uuid;
}

inline std::vector<HostInfo> small_hosts(size_t count) {
  std::vector<HostInfo> hosts;
  for (size_t i = 0; i < count; ++i)
    hosts.push_back({.name = "c" + std::to_string(i), .zone = "nova", .total = {4, 4096, 100}});
  return hosts;
}

inline constexpr std::string_view kSlowTiming = R"(
claim = 100ms
block_device = 200ms
image_setup = 300ms
define = 400ms
vif_plug = 500ms
start = 600ms
destroy = 700ms
power_off = 800ms
power_on = 900ms
)";

class ComputeWorld {
 public:
  explicit ComputeWorld(std::string_view timing_text = "", size_t hosts = 2, compute::ComputeOptions the_options = {})
      : options(the_options), hosts_(small_hosts(hosts)), timing_(*compute::TimingModel::parse(timing_text, "test")) {
    boot();
  }

  // A fresh process with a new incarnation over the old journal.
  void boot() {
    core.reset();
    hypervisor = std::make_unique<compute::SimulatedHypervisor>(loop, timing_, Random(7));
    transport = std::make_unique<FakeTransport>(kSelf, ++incarnation_);
    judged_.clear();
    core = std::make_unique<compute::ComputeCore>(
        compute::ComputePorts{loop, *transport, log, journal, *hypervisor, Random(8)}, options, hosts_);
    ASSERT_TRUE(core->start().has_value());
    run(milliseconds(0));
  }
  void connect_all() {
    transport->connect(*core, kController);
    transport->connect(*core, kScheduler);
    transport->connect(*core, kNetwork);
    run(milliseconds(0));
    deliver(kController, RegisterHostsAnswer{});
  }

  void run(Duration duration) {
    loop.run_until(loop.now() + duration);
    while (judge()) loop.run_until(loop.now());
  }
  // Answers who asks whether a fault rule strikes: it does, unless the test says otherwise. False when nobody asks.
  bool judge() {
    bool asked = false;
    for (const SentMessage& sent : std::vector(transport->sent())) {
      const auto* reached = get_if<FaultReached>(&sent.message.body);
      if (reached == nullptr || !judged_.insert(sent.message.call).second) continue;
      asked = true;
      transport->deliver(*core, kController, FaultVerdict{strikes(*reached)}, sent.message.call);
    }
    return asked;
  }
  void deliver(PeerId from, Message::Body body, uint64_t call = 0) {
    transport->deliver(*core, from, std::move(body), call);
    run(milliseconds(0));
  }

  static BuildAndRunInstance cast_of(uint64_t instance, uint64_t epoch, std::string host = "c0") {
    BuildAndRunInstance cast;
    cast.host = std::move(host);
    cast.placement = {uuid_of(instance), epoch};
    cast.attempt = 1;
    cast.name = "vm";
    cast.hostname = "vm";
    cast.trace.span_id = 99;
    cast.spec.flavor = {.id = "1", .name = "m1.tiny", .vcpus = 1, .memory_mb = 512, .root_gb = 1};
    cast.spec.image = {.id = uuid_of(77), .name = "cirros", .size_bytes = 1 << 20};
    cast.spec.networks = {uuid_of(88)};
    cast.alternates = {"c1", "c7"};
    StepRecord cast_step;
    cast_step.step = LaunchStep::kRunCast;
    cast.steps = {cast_step};
    cast.decision.chosen = cast.host;
    return cast;
  }
  void cast(uint64_t instance, uint64_t epoch, std::string host = "c0") {
    deliver(kScheduler, cast_of(instance, epoch, std::move(host)));
  }

  // Answers every allocation asked for and not yet answered.
  void answer_allocations(Error fault = {ErrorCode::kInternal, ""}) {
    std::vector<SentMessage> sent = transport->sent();
    for (; answered_ < sent.size(); ++answered_) {
      const auto* request = get_if<AllocateAddresses>(&sent[answered_].message.body);
      if (request != nullptr) deliver(kNetwork, reply_to(*request, fault), sent[answered_].message.call);
    }
  }
  static AllocateAddressesReply reply_to(const AllocateAddresses& request, Error fault = {ErrorCode::kInternal, ""}) {
    AllocateAddressesReply reply;
    reply.placement = request.placement;
    StepRecord record;
    record.step = LaunchStep::kAddressAllocated;
    record.daemon = "network-0";
    record.host = request.host;
    record.fault = fault.message;
    reply.steps = {record};
    reply.fault = std::move(fault);
    if (reply.fault.message.empty()) reply.addresses.push_back({.network_name = "private", .ip = {0x0a000002}});
    return reply;
  }
  void confirm_releases() {
    for (const ReleaseAddresses& release : transport->take<ReleaseAddresses>())
      deliver(kNetwork, AddressesReleased{release.placement});
    answered_ = 0;
  }
  void answer_report(const InstanceReport& report, ReportAnswer::Verdict verdict = ReportAnswer::Verdict::kAccepted) {
    deliver(kController, ReportAnswer{report.host, report.placement, verdict});
  }

  // A whole launch: cast, addresses, time, accepted report.
  void launch(uint64_t instance, uint64_t epoch, std::string host = "c0") {
    cast(instance, epoch, std::move(host));
    for (int i = 0; i < 100 && terminal_reports().empty(); ++i) {
      answer_allocations();
      run(milliseconds(100));
    }
    std::vector<InstanceReport> reports = terminal_reports();
    ASSERT_EQ(reports.size(), 1U);
    ASSERT_EQ(reports[0].result, BuildResult::kActive) << reports[0].fault.message;
    answer_report(reports[0]);
    clear();
  }
  void clear() {
    transport->clear();
    answered_ = 0;
  }

  std::vector<InstanceReport> terminal_reports() const {
    std::vector<InstanceReport> result;
    for (InstanceReport& report : transport->all_to<InstanceReport>(kController))
      if (report.result != BuildResult::kProgress) result.push_back(std::move(report));
    return result;
  }
  std::vector<LaunchStep> progress() const {
    std::vector<LaunchStep> result;
    for (const InstanceReport& report : transport->all_to<InstanceReport>(kController))
      if (report.result == BuildResult::kProgress) result.push_back(report.step);
    return result;
  }
  bool released(uint64_t instance, uint64_t epoch) const {
    for (const ReleaseAddresses& release : transport->all_to<ReleaseAddresses>(kNetwork))
      if (release.placement == PlacementId{uuid_of(instance), epoch}) return true;
    return false;
  }

  // Nothing in flight, and as many claims and journal records as guests.
  void expect_quiet(size_t guests) {
    compute::ComputeCounters counters = core->counters();
    EXPECT_EQ(counters.guests, guests);
    EXPECT_EQ(counters.claims, guests);
    EXPECT_EQ(journal.records.size(), guests);
    EXPECT_EQ(counters.building, 0U);
    EXPECT_EQ(counters.unanswered_reports, 0U);
    EXPECT_EQ(counters.image_downloads, 0U);
    EXPECT_EQ(counters.instance_locks, 0U);
    EXPECT_EQ(counters.network_calls, 0U);
    EXPECT_EQ(counters.build_slots_taken, 0U);
    Resources used;
    for (const auto& [key, record] : journal.records) used += record.resources;
    EXPECT_EQ(counters.used, used);
  }

  std::function<bool(const FaultReached&)> strikes = [](const FaultReached&) { return true; };
  VirtualLoop loop;
  RecordingLog log;
  MemoryJournal journal;
  compute::ComputeOptions options;
  std::unique_ptr<compute::SimulatedHypervisor> hypervisor;
  std::unique_ptr<FakeTransport> transport;
  std::unique_ptr<compute::ComputeCore> core;

 private:
  std::set<uint64_t> judged_;  // calls
  std::vector<HostInfo> hosts_;
  compute::TimingModel timing_;
  Incarnation incarnation_ = 0;
  size_t answered_ = 0;  // of transport->sent()
};

}  // namespace kilonova::testing
