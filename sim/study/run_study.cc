#include "sim/study/run_study.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/check.h"
#include "ports/log.h"
#include "runtime/virtual_loop.h"
#include "scheduler/core/scheduler_core.h"
#include "sim/study/study_controller.h"
#include "sim/study/study_hosts.h"
#include "sim/study/wire.h"

namespace kilonova::study {
namespace {

// What the daemons say is of no use here.
class NoLog final : public Log {
 public:
  void step(const Uuid&, const TraceContext&, const StepRecord&) override {}
  void action(const TraceContext&, const InstanceAction&) override {}
  void event(LogLevel, std::string_view, std::initializer_list<LogField>) override {}
};

// A scheduler, and a clock beside it: how long it takes to handle a cast is the time of the decision.
class TimedScheduler final : public PeerHandler {
 public:
  TimedScheduler(scheduler::SchedulerPorts ports, const ReadClock& clock, std::vector<uint32_t>& decision_ns)
      : core_(std::move(ports)), clock_(clock), decision_ns_(decision_ns) {}

  void on_peer_up(const Peer& peer) override { core_.on_peer_up(peer); }
  void on_peer_down(const Peer& peer) override { core_.on_peer_down(peer); }
  void on_message(const Peer& from, Message message) override {
    if (!holds_alternative<SelectDestinations>(message.body)) return core_.on_message(from, std::move(message));
    const int64_t start = clock_();
    core_.on_message(from, std::move(message));
    decision_ns_.push_back(static_cast<uint32_t>(std::clamp<int64_t>(clock_() - start, 0, UINT32_MAX)));
  }
  uint64_t decisions() const { return core_.core_state().decisions; }

 private:
  scheduler::SchedulerCore core_;  // not started: its heartbeats, which nobody reads, would be most of the work
  const ReadClock& clock_;
  std::vector<uint32_t>& decision_ns_;
};

// The daemons of one run. In the order in which they need one another.
class StudyCloud {
 public:
  StudyCloud(const Workload& workload, const RunOptions& options, const ReadClock& clock)
      : wire_(loop_, Random(options.seed, "wire", "latency"), options.latency_min, options.latency_max),
        hosts_(loop_, wire_.add({Role::kCompute, 0}), workload, options.scheduler.ratios),
        controller_(wire_.add({Role::kController, 0}), workload, options, hosts_) {
    wire_.open({Role::kCompute, 0}, hosts_);
    wire_.open({Role::kController, 0}, controller_);
    for (uint32_t index = 0; index < options.schedulers; ++index) {
      const PeerId id{Role::kScheduler, index};
      Random random(options.seed, to_string(id), "core");
      schedulers_.push_back(std::make_unique<TimedScheduler>(
          scheduler::SchedulerPorts{loop_, wire_.add(id), log_, random, options.scheduler}, clock, decision_ns_));
      wire_.open(id, *schedulers_.back());
    }
    wire_.connect();
    loop_.run_until_idle();  // every scheduler knows all hosts
    start_ = loop_.now();
  }

  void run_until(Duration since_start) { loop_.run_until(start_ + since_start); }
  void finish() { loop_.run_until_idle(); }
  StudyController& controller() { return controller_; }

  Sample sample(Duration time) {
    return {.time = time,
            .fleet = hosts_.read(),
            .servers = hosts_.servers(),
            .refused = controller_.refused(),
            .conflicts = hosts_.refused_claims()};
  }

  RunResult result(std::vector<Sample> samples) {
    RunResult result{.placed = controller_.placed(),
                     .refused = controller_.refused(),
                     .conflicts = hosts_.refused_claims(),
                     .refusals = controller_.refusals(),
                     .samples = std::move(samples),
                     .mean = {},
                     .digest = controller_.digest(),
                     .decision_ns = std::move(decision_ns_)};
    for (const auto& scheduler : schedulers_) result.decisions += scheduler->decisions();
    std::ranges::sort(result.decision_ns);
    return result;
  }

 private:
  VirtualLoop loop_;
  NoLog log_;
  std::vector<uint32_t> decision_ns_;
  Wire wire_;
  StudyHosts hosts_;
  StudyController controller_;
  std::vector<std::unique_ptr<TimedScheduler>> schedulers_;
  Instant start_;
};

FleetReading mean_of(const std::vector<Sample>& samples) {
  FleetReading mean;
  const double n = static_cast<double>(samples.size());
  for (const Sample& sample : samples) {
    for (size_t r = 0; r < kResourceCount; ++r) {
      mean.allocated[r] += sample.fleet.allocated[r] / n;
      mean.packing[r] += sample.fleet.packing[r] / n;
      mean.stranded[r] += sample.fleet.stranded[r] / n;
    }
    mean.empty_hosts += sample.fleet.empty_hosts / n;
  }
  return mean;
}

}  // namespace

RunResult run_study(const Workload& workload, const RunOptions& options, const ReadClock& clock) {
  KN_CHECK(!workload.hosts.empty() && !workload.requests.empty(), "a study has hosts and requests");
  StudyCloud cloud(workload, options, clock);
  const std::vector<WorkloadEvent> events = events_of(workload.requests);
  const Duration first = events.front().time;
  const Duration span = events.back().time - first;
  auto time_of = [&](size_t sample) {
    return microseconds(span.us / static_cast<int64_t>(kSamples) * static_cast<int64_t>(sample));
  };
  std::vector<Sample> samples;
  for (const WorkloadEvent& event : events) {
    const Duration now = event.time - first;
    for (; samples.size() < kSamples && time_of(samples.size()) < now;) {
      cloud.run_until(time_of(samples.size()));
      samples.push_back(cloud.sample(time_of(samples.size())));
    }
    cloud.run_until(now);
    if (event.is_arrival) {
      cloud.controller().arrive(event.request);
    } else {
      cloud.controller().depart(event.request);
    }
  }
  cloud.finish();
  while (samples.size() < kSamples) samples.push_back(cloud.sample(time_of(samples.size())));
  samples.push_back(cloud.sample(span));
  RunResult result = cloud.result(std::move(samples));
  result.mean = mean_of(result.samples);
  return result;
}

}  // namespace kilonova::study
