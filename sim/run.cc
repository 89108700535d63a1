#include "sim/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "domain/nouns/fault_rule.h"
#include "domain/nouns/quota.h"
#include "domain/server_actions.h"
#include "sim/checkers/checker_set.h"
#include "sim/checkers/settled.h"
#include "sim/client_history.h"
#include "sim/fault_profile_file.h"
#include "sim/keepers.h"
#include "sim/outside_world.h"
#include "sim/readers.h"
#include "sim/watcher.h"

namespace kilonova::sim {
namespace {

constexpr Duration kSlice = seconds(5);
// After faults ceased: time-outs, expiries and two audits have passed by then.
constexpr Duration kSettle = seconds(420);
constexpr Duration kAudit = seconds(60);
// After faults ceased: a time-out, three tries, and the slowest build.
constexpr Duration kRecovery = seconds(1500);  // some rounds of audits, which are 300 s apart
// Clients that were told to come back all the time are done long before.
constexpr Duration kClientPatience = seconds(1800);

// A third of the launches fit, by one of the three measures or by all.
Quota draw_quota(size_t launches, Random& random) {
  Quota quota = WorkloadOptions{}.quota;
  int64_t servers = static_cast<int64_t>(1 + launches / 3);
  uint64_t which = random.below(4);
  if (which == 0 || which == 3) quota.instances = servers;
  if (which == 1 || which == 3) quota.cores = servers + servers / 2;  // m1.tiny, m1.small have 1, m1.medium 2
  if (which == 2 || which == 3) quota.ram_mb = servers * 2048;
  return quota;
}

// What a seed chooses besides the faults.
struct Shape {
  compute::TimingModel timing;
  WorkloadOptions workload;
  Duration duration;
  Windows windows;
};

// Each as long as servers live, so that clients come before its end and after it.
Windows draw_windows(uint64_t seed) {
  Random random(seed, "world", "windows");
  Windows windows;
  for (Duration* window :
       {&windows.reclaim_instance_interval, &windows.resize_confirm_window, &windows.shelved_offload_time})
    if (random.chance(0.3)) *window = seconds(static_cast<int64_t>(10 + random.below(90)));
  return windows;
}

// One that `kilonova fault add` would take.
FaultRule draw_rule(Random& random) {
  static const auto kActions = server_actions();
  for (;;) {
    FaultRule rule;
    rule.count = 1 + static_cast<int64_t>(random.below(10));
    rule.skip = static_cast<int64_t>(random.below(3));
    rule.seed = random.next();
    if (random.chance(0.3)) rule.per_million = static_cast<int64_t>(1 + random.below(kAlways));
    if (random.chance(0.3)) rule.delay = seconds(static_cast<int64_t>(random.below(100)));
    if (random.chance(0.4)) rule.effect = static_cast<FaultEffect>(1 + random.below(4));
    rule.fails = rule.effect == FaultEffect::kNone;
    if (random.chance(0.75)) {
      rule.step = static_cast<LaunchStep>(1 + random.below(13));
      rule.aborts = rule.fails && random.chance(0.3);
    } else {
      const size_t which = random.below(kActions.size() + 1);
      rule.action = which == kActions.size() ? "delete" : std::string(kActions[which].name);
    }
    if (AddFault{rule}.check()) return rule;
  }
}

Shape draw_shape(const RunOptions& options, const FaultProfile& profile) {
  Random random(options.seed, "world", "shape");
  Shape shape;
  bool calm = profile.calm;
  shape.duration = options.duration;
  if (shape.duration.us == 0)
    shape.duration = calm ? milliseconds(static_cast<int64_t>(options.launches / 2) + 1000) : seconds(300);
  shape.workload.launches = options.launches;
  shape.workload.groups = options.groups;
  shape.workload.duration = shape.duration;
  shape.workload.lifetime_max = calm ? shape.duration : seconds(200);
  if (calm) shape.workload.power = 0.02;
  if (calm) shape.workload.moves = 0;  // the planted bugs of calm runs count epochs
  if (calm) shape.workload.interfaces = 0;
  if (!calm) shape.windows = draw_windows(options.seed);
  shape.workload.reclaims = shape.windows.reclaim_instance_interval.us > 0;
  if (profile.slow_hypervisors > 0) shape.timing = *compute::TimingModel::realistic().times(profile.slow_hypervisors);
  if (profile.tight_quota) shape.workload.quota = draw_quota(options.launches, random);
  for (uint64_t i = 0; profile.fault_rules && i < 4; ++i) shape.workload.rules.push_back(draw_rule(random));
  return shape;
}

// What is said of guests whose servers went while their hosts were down: mostly that they are destroyed at once.
void draw_running_deleted(uint64_t seed, controller::ControllerOptions& options) {
  Random random(seed, "world", "running deleted");
  if (!random.chance(0.2)) return;
  options.running_deleted_instance_timeout = seconds(static_cast<int64_t>(random.below(60)));
  options.running_deleted_instance_poll_interval = seconds(static_cast<int64_t>(1 + random.below(30)));
}

CloudOptions cloud_options(const RunOptions& options, const FaultProfile& profile, const Shape& shape) {
  CloudOptions cloud;
  cloud.seed = options.seed;
  cloud.hosts = options.hosts;
  cloud.compute_processes = options.compute_processes;
  cloud.schedulers = options.schedulers;
  cloud.timing = shape.timing;
  bool calm = profile.calm;
  cloud.launch_records = !calm || options.launches <= 10'000;
  if (!calm) {
    cloud.compute.audit_interval = kAudit;
    cloud.network.audit_interval = kAudit;
    cloud.host_size = {.vcpus = 8, .memory_mb = 32'768, .disk_gb = 200};  // hosts do fill up
    if (profile.small_hosts) cloud.host_size.memory_mb = 2560;            // an m1.small and three m1.tiny
    draw_running_deleted(options.seed, cloud.controller);
  }
  if (!options.endless_windows) {
    cloud.controller.reclaim_instance_interval = shape.windows.reclaim_instance_interval;
    cloud.controller.resize_confirm_window = shape.windows.resize_confirm_window;
    cloud.controller.shelved_offload_time = shape.windows.shelved_offload_time;
  }
  cloud.compute.ratios = options.claimed_ratios.value_or(cloud.compute.ratios);
  cloud.scheduler.ratios = options.claimed_ratios.value_or(cloud.scheduler.ratios);
  return cloud;
}

class Run {
 public:
  Run(const RunOptions& options, const FaultProfile& profile, Shape shape)
      : options_(options),
        cloud_(cloud_options(options, profile, shape)),
        checkers_(cloud_),
        calm_(profile.calm),
        injector_(cloud_, profile),
        faults_last_(shape.duration),
        workload_(cloud_, std::move(shape.workload), checkers_.acknowledgements(), violations_, client_history_),
        readers_(cloud_, checkers_.reads(), client_history_, options.serialize),
        keepers_(cloud_, checkers_.records(), violations_, client_history_) {
    using enum Watcher::Of;
    for (Watcher::Of of : {kAll, kProject, kServer, kStable})
      watchers_.emplace_back(cloud_, checkers_.watches()[watchers_.size()], of);
    if (options.keep_history) client_history_.keep();
    checkers_.windows().expect(shape.windows);
    cloud_.ledger().add(outcomes_);
    injector_.on_reset_wanted([this] { workload_.reset_cloud(); });
    workload_.on_create_called([this](int change) { injector_.work().create_called(change); });
    History& history = cloud_.history();
    history.keep_steps = options.keep_steps || !options.trace.empty();
    cloud_.ledger().follow_name(options.trace);
    history.keep_events = options.keep_events;
    if (options.codec) cloud_.network().set_codec(options.codec);
    if (options.tap) cloud_.network().set_tap(options.tap);
    cloud_.controller().set_bugs(options.bugs);
    cloud_.network_controller().set_lie(options.network_lie);
  }

  RunResult run() {
    cloud_.start();
    cloud_.run_for(seconds(2));  // everybody has met
    workload_.start();
    for (const OutsideEvent& event : options_.outside)
      cloud_.loop().call_after(event.at, [this, event] { happen(event); });
    if (!calm_) readers_.start();
    if (!calm_) keepers_.start();
    for (Watcher& watcher : watchers_)
      if (!calm_) watcher.start();
    injector_.start();
    run_while(faults_last_ + seconds(60), [] { return true; });
    injector_.cease();
    workload_.clear_rules();
    readers_.stop();
    keepers_.stop();
    faults_over_ = true;
    run_while(faults_last_, [this] { return workload_.arrives(); });  // at random, so that the last ones come late
    const Instant ceased = cloud_.loop().now();
    run_while(kClientPatience, [this] { return !clients_finished() || cloud_.ledger().unstable() > 0; });
    recovery_ = cloud_.loop().now() - ceased;
    if (violations_.empty() && !clients_finished()) violations_.add("workload", "clients are still waiting");
    if (violations_.empty() && recovery_ > kRecovery)
      violations_.add("recovery", fmt::format("{} s after the last fault clients waited, or servers were not stable",
                                              recovery_.us / 1'000'000));
    run_while(calm_ ? seconds(30) : kSettle, [] { return true; });
    if (violations_.empty()) check_settled(cloud_, violations_);
    for (WatchChecker& watch : checkers_.watches())
      if (violations_.empty() && !calm_) watch.settled();
    return result();
  }

 private:
  bool clients_finished() const { return workload_.finished() && (calm_ || keepers_.finished()); }
  // By then nobody may have the name any more, or yet.
  void happen(const OutsideEvent& event) {
    auto happens = what_happens(cloud_, event);
    if (!happens)
      not_happened_["NOT_FOUND: " + happens.error().message] += 1;
    else if (*happens)
      workload_.ask(std::move((*happens)->request), (*happens)->server);
  }
  // Until the time is over, the condition ends, or something was violated.
  template <class Condition>
  void run_while(Duration limit, Condition condition) {
    Instant end = cloud_.loop().now() + limit;
    while (cloud_.loop().now() < end && violations_.empty() && condition()) {
      if (!cloud_.run_for(std::min(kSlice, end - cloud_.loop().now())))
        violations_.add("time", fmt::format("it stands still at {} us", cloud_.loop().now().us));
      if (faults_over_) checkers_.look(cloud_.loop().now());
    }
  }

  RunResult result() {
    RunResult result;
    result.options = options_;
    result.workload = workload_.counters();
    result.refusals = workload_.refusals();
    result.refusals.insert(not_happened_.begin(), not_happened_.end());
    for (const auto& [uuid, row] : cloud_.ledger().rows())
      result.servers[std::string(status_name(row.vm_state, row.task_state))] += 1;
    result.records_made = keepers_.made();
    result.acknowledged_creates = checkers_.acknowledgements().creates();
    result.acknowledged_deletes = checkers_.acknowledgements().deletes();
    result.launches = outcomes_.counts();
    result.faults_by_kind = injector_.happened();
    for (const auto& [kind, times] : result.faults_by_kind) result.faults += times;
    result.changes_checked = cloud_.ledger().changes();
    result.network = cloud_.network().counters();
    result.warnings = cloud_.history().warnings;
    result.digest = cloud_.history().digest.value();
    result.virtual_time = cloud_.loop().now() - Instant{};
    result.recovery = recovery_;
    result.strikes = injector_.strikes();
    result.branches = injector_.branches();
    result.violations = violations_.found();
    result.steps = std::move(cloud_.history().steps);
    result.events = std::move(cloud_.history().events);
    result.history = client_history_.take();
    keep_traced(result);
    return result;
  }

  // Only the steps of the server that was asked for, by name or id.
  void keep_traced(RunResult& result) {
    if (options_.keep_steps) result.all_steps = result.steps;
    if (options_.trace.empty()) {
      result.steps.clear();
      return;
    }
    std::vector<Uuid> wanted = cloud_.ledger().of_followed_name();
    if (auto uuid = parse_uuid(options_.trace)) wanted.push_back(*uuid);
    std::erase_if(result.steps,
                  [&](const LoggedStep& step) { return std::ranges::find(wanted, step.instance) == wanted.end(); });
  }

  const RunOptions options_;
  SimCloud cloud_;
  CheckerSet checkers_;
  Violations& violations_ = checkers_.violations();
  LaunchOutcomes outcomes_;
  std::map<std::string, uint64_t> not_happened_;
  bool faults_over_ = false;
  const bool calm_;
  FaultInjector injector_;
  Duration faults_last_;
  ClientHistory client_history_;
  Workload workload_;
  Readers readers_;
  Keepers keepers_;
  std::deque<Watcher> watchers_;
  Duration recovery_;
};

Expected<FaultProfileFile> profile_of(const RunOptions& options) {
  if (options.hosts == 0 || options.compute_processes == 0 || options.schedulers == 0)
    return fail(ErrorCode::kInvalidArgument, "a cloud has at least one host, compute process and scheduler");
  if (options.compute_processes > options.hosts)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} compute processes cannot share {} hosts", options.compute_processes, options.hosts));
  auto file = FaultProfileFile::load(options.faults);
  if (!file) return file;
  if (auto left = file->leave_out(options.without); !left) return std::unexpected(left.error());
  return file;
}

}  // namespace

Expected<> check_options(const RunOptions& options) {
  auto file = profile_of(options);
  return file ? Expected<>() : std::unexpected(file.error());
}

Expected<RunResult> run_simulation(const RunOptions& options) {
  auto file = profile_of(options);
  if (!file) return std::unexpected(file.error());
  FaultProfile profile = file->draw(options.seed);
  Run run(options, profile, draw_shape(options, profile));
  return run.run();
}

std::string replay_command(const RunOptions& options) {
  std::string command = fmt::format(
      "kilonova sim run --seed {} --hosts {} --compute-processes {} --schedulers {} --launches {} --faults {}",
      options.seed, options.hosts, options.compute_processes, options.schedulers, options.launches, options.faults);
  if (options.groups > 0) command += fmt::format(" --groups {}", options.groups);
  if (options.duration.us > 0) command += fmt::format(" --duration {}", options.duration.us / 1'000'000);
  if (!options.play.empty()) command += fmt::format(" --play {}", options.play);
  for (const std::string& key : options.without) command += fmt::format(" --without {}", key);
  if (options.codec) command += " --protobuf";
  return command;
}

}  // namespace kilonova::sim
