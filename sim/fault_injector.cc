#include "sim/fault_injector.h"

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"

namespace kilonova::sim {
namespace {

constexpr Duration kSlowest = milliseconds(50);  // for one message
constexpr Duration kLongestAway = seconds(2);    // of a connection that broke
constexpr Duration kBetweenLies = seconds(1);
constexpr Duration kFastestDrift = seconds(1);  // in a second
constexpr uint64_t kLongestDrift = 300;         // seconds
constexpr double kStruckResets = 0.5;
constexpr Duration kResetBegins = milliseconds(200);
constexpr Duration kResetGoesOn = seconds(3);
constexpr Duration kResetLasts = seconds(40);
constexpr uint64_t kSmallestJump = 18;  // the largest by so many powers of two

// The step that ends with this transaction.
LaunchStep step_of(const Transaction& transaction, const Ledger& ledger) {
  for (const Mutation& m : transaction) {
    if (holds_alternative<mutation::InsertInstance>(m)) return LaunchStep::kInstanceCreated;
    const auto* update = get_if<mutation::UpdateInstance>(&m);
    if (update == nullptr || update->row.vm_state != VmState::kActive) continue;
    const RowState* before = ledger.row(update->row.uuid);
    if (before != nullptr && before->vm_state == VmState::kBuilding) return LaunchStep::kActive;
  }
  return LaunchStep::kNone;
}

LaunchStep step_of(const NetworkTransaction& transaction) {
  for (const NetworkMutation& m : transaction)
    if (holds_alternative<network_mutation::PutLease>(m)) return LaunchStep::kAddressAllocated;
  return LaunchStep::kNone;
}

}  // namespace

FaultInjector::FaultInjector(SimCloud& cloud, FaultProfile profile)
    : cloud_(cloud),
      profile_(std::move(profile)),
      work_(cloud.ledger(), [this](std::string_view fault, PeerId from, PeerId to,
                                   LaunchStep step) { strike_message(fault, from, to, step); }),
      liar_(cloud, Random(cloud.options().seed, "liar", "lies"), work_),
      of_resets_(cloud.options().seed, "faults", "of resets") {
  if (profile_.go_back.every.us > 0) cloud_.keep_past();
  if (!profile_.calm) watch();
}

void FaultInjector::watch() {
  cloud_.ledger().add(work_);
  cloud_.ledger().add(*this);
  cloud_.watch_network(profile_.liar.every.us > 0 ? static_cast<NetworkObserver*>(&liar_) : &work_);
  cloud_.on_crashed([this](PeerId id) { work_.died(id); });
  cloud_.history().on_step = [this](const Uuid& instance, const StepRecord& record) { work_.logged(instance, record); };
  cloud_.controller().image().observe_refusals(
      [this](const Transaction& t) { refused({Role::kController, 0}, step_of(t, cloud_.ledger())); });
  cloud_.network_controller().observe_refusals(
      [this](const NetworkTransaction& t) { refused({Role::kNetwork, 0}, step_of(t)); });
  cloud_.controller().observe_resets([this] { reset_begins(); });
  for (Node* node : cloud_.nodes()) node->observe_replaced([this](PeerId id) { work_.died(id); });
  for (const auto& node : cloud_.computes())
    node->observe_refusals(
        [this, id = node->id()](const GuestRecord& guest) { refused(id, work_.step_of(id, guest.placement)); });
}

void FaultInjector::start() {
  cloud_.network().set_faults(profile_.network);
  auto keep = [this](PeerId id) {
    auto random = std::make_shared<Random>(cloud_.options().seed, to_string(id), "kept on crash");
    disk_of(id).kept_on_crash = [random](size_t unanswered) {
      return static_cast<size_t>(random->below(unanswered + 1));
    };
  };
  keep({Role::kController, 0});
  keep({Role::kNetwork, 0});
  add("cut", profile_.cut, &FaultInjector::cut);
  add("clog", profile_.clog, &FaultInjector::clog);
  add("narrow", profile_.narrow, &FaultInjector::narrow);
  add("deaf", profile_.deaf, &FaultInjector::deafen);
  add("weary_disk", profile_.weary_disk, &FaultInjector::weary_disk);
  add("disconnect", profile_.disconnect, &FaultInjector::disconnect);
  add("kill_controller", profile_.kill_controller, &FaultInjector::kill_controller);
  add("kill_scheduler", profile_.kill_scheduler, &FaultInjector::kill_scheduler);
  add("kill_network", profile_.kill_network, &FaultInjector::kill_network);
  add("kill_compute", profile_.kill_compute, &FaultInjector::kill_compute);
  add("kill_api", profile_.kill_api, &FaultInjector::kill_api);
  add("second_process", profile_.second_process, &FaultInjector::second_process);
  add("crash_host", profile_.crash_host, &FaultInjector::crash_host);
  add("cut_power", profile_.cut_power, &FaultInjector::cut_power);
  add("slow_daemon", profile_.slow_daemon, &FaultInjector::slow_daemon);
  add("full_disk", profile_.full_disk, &FaultInjector::fill_disk);
  add("refusal", profile_.refusal, &FaultInjector::refuse_once);
  add("slow_disk", profile_.slow_disk, &FaultInjector::slow_disk);
  add("go_back", profile_.go_back, &FaultInjector::go_back);
  add("reset_cloud", profile_.reset_cloud, &FaultInjector::want_reset);
  add("liar", profile_.liar, &FaultInjector::lie);
  add("skew", profile_.skew, &FaultInjector::skew);
}

void FaultInjector::cease() {
  ceased_ = true;
  liar_.stop();
  deaf_.clear();
  weary_.clear();
  NetworkFaults calm;
  calm.latency_min = profile_.network.latency_min;
  calm.latency_max = profile_.network.latency_max;
  cloud_.network().set_faults(calm);
  cloud_.network().heal_all();
  for (Node* node : cloud_.nodes()) {
    cloud_.network().set_service_time(node->id(), {});
    node->thaw();
    revive(node->id());
    node->stop_replaced();
    if (node->id().role == Role::kController || node->id().role == Role::kNetwork ||
        node->id().role == Role::kCompute) {
      mend_disk(node->id());
      while (disk_of(node->id()).take_failure()) continue;  // refusals that found nothing to refuse yet
    }
  }
  for (const auto& node : cloud_.computes())
    for (const std::string& host : std::set<std::string>(node->hosts_down())) node->start_host(host);
}

std::map<std::string, uint64_t> FaultInjector::happened() const {
  std::map<std::string, uint64_t> all = happened_;
  const NetworkCounters& network = cloud_.network().counters();
  for (auto [kind, times] : {std::pair{"message lost", network.messages_lost},
                             {"message repeated", network.messages_repeated},
                             {"frame lost", network.frames_lost},
                             {"frame repeated", network.frames_repeated},
                             {"frame reordered", network.frames_reordered},
                             {"connection broken", network.broken_by_chance}})
    if (times > 0) all[kind] = times;
  return all;
}

void FaultInjector::add(std::string_view name, const Recurring& recurring, Action action) {
  if (recurring.every.us <= 0) return;
  sources_.push_back({recurring, action, Random(cloud_.options().seed, "faults", name)});
  recur(sources_.back());
}

void FaultInjector::recur(Source& source) {
  cloud_.loop().call_after(up_to(source.recurring.every * 2, source.random), [this, &source] {
    if (ceased_) return;
    (this->*source.action)(up_to(source.recurring.lasts, source.random), source.random);
    recur(source);
  });
}

Duration FaultInjector::up_to(Duration limit, Random& random) {
  return microseconds(1 + (limit.us <= 0 ? 0 : static_cast<int64_t>(random.below(static_cast<uint64_t>(limit.us)))));
}

void FaultInjector::after(Duration delay, void (FaultInjector::*mend)(PeerId), PeerId id) {
  cloud_.loop().call_after(delay, [this, mend, id] { (this->*mend)(id); });
}

void FaultInjector::count(const std::string& kind, PeerId of) {
  KN_CHECK(is_kind_of_fault(kind), "this fault is none of strikes.cc: an exploration would not miss it");
  happened_[kind] += 1;
  branches_.struck(kind);
  cloud_.history().digest.fold(kind);
  cloud_.history().digest.fold(to_string(of));
}

void FaultInjector::strike(const std::string& fault, PeerId daemon, const WorkAtHand::OfHost& of_host) {
  std::vector<LaunchStep> steps = work_.of(daemon, of_host);
  for (LaunchStep step : steps) strikes_.count(fault, step);
  if (steps.empty()) strikes_.count(fault, LaunchStep::kNone);
}

void FaultInjector::strike_message(std::string_view fault, PeerId from, PeerId to, LaunchStep step) {
  std::string kind = fault == "slow" ? kind_of(fault, to) : std::string(fault);
  if (fault == "cut" && (deaf_.contains({from, to}) || deaf_.contains({to, from}))) kind = "deaf";
  strikes_.count(kind, step);
  branches_.struck(kind);
  if (fault == "fault rule") happened_["fault rule"] += 1;
}

void FaultInjector::refused(PeerId id, LaunchStep step) {
  bool full = disk_of(id).is_full();
  std::string kind = kind_of(full ? "full disk" : "refusal", id);
  strikes_.count(kind, step);
  branches_.struck(kind);
  if (!full) count(kind, id);
}

void FaultInjector::on_row(const Uuid&, const RowState* before, const RowState* after) {
  if (after == nullptr || cloud_.controller().disk().commit_latency <= cloud_.options().commit_latency) return;
  LaunchStep step = LaunchStep::kNone;
  if (before == nullptr) step = LaunchStep::kInstanceCreated;
  if (before != nullptr && before->vm_state == VmState::kBuilding && after->vm_state == VmState::kActive)
    step = LaunchStep::kActive;
  strikes_.count(slow_kind({Role::kController, 0}), step);
}

void FaultInjector::on_lease(const Lease*, const Lease* after) {
  if (cloud_.network_controller().disk().commit_latency <= cloud_.options().commit_latency) return;
  strikes_.count(slow_kind({Role::kNetwork, 0}), after == nullptr ? LaunchStep::kNone : LaunchStep::kAddressAllocated);
}

std::string FaultInjector::slow_kind(PeerId id) const {
  return kind_of(weary_.contains(id) ? "weary disk" : "slow disk", id);
}

Node* FaultInjector::pick(Role role, Random& random) {
  std::vector<Node*> alive;
  for (Node* node : cloud_.nodes())
    if (node->id().role == role && node->alive()) alive.push_back(node);
  return alive.empty() ? nullptr : alive[random.below(alive.size())];
}

void FaultInjector::kill(Role role, Duration down, Random& random) {
  Node* node = pick(role, random);
  if (node == nullptr) return;
  PeerId id = node->id();
  std::string kind = kind_of("kill", id);
  count(kind, id);
  strike(kind, id);
  node->kill();
  work_.died(id);
  after(down, &FaultInjector::revive, id);
}

void FaultInjector::revive(PeerId id) {
  Node& node = cloud_.node(id);
  if (!node.alive()) node.start();
}

void FaultInjector::lie(Duration lasts, Random&) {
  if (liar_.is_there()) return;
  liar_.start();
  lie_until(cloud_.loop().now() + lasts);
}

void FaultInjector::lie_until(Instant end) {
  cloud_.loop().call_after(kBetweenLies, [this, end] {
    for (LaunchStep told : liar_.speak()) {
      count("lie", PeerId{Role::kCompute, 0});
      strikes_.count("lie", told);
    }
    if (cloud_.loop().now() < end && !ceased_) return lie_until(end);
    liar_.stop();
  });
}

void FaultInjector::want_reset(Duration, Random&) {
  if (ask_for_reset_) ask_for_reset_();
}

// Counted when the controller comes to it: it ends with all that it has at hand, and so does what others build.
void FaultInjector::reset_begins() {
  const PeerId id{Role::kController, 0};
  count("reset cloud", id);
  bool met = false;
  for (Node* node : cloud_.nodes())
    for (LaunchStep step : work_.of(node->id())) {
      strikes_.count("reset cloud", step);
      met = true;
    }
  if (!met) strikes_.count("reset cloud", LaunchStep::kNone);
  work_.died(id);
  strike_reset();
}

// By chance few faults would fall into so short a time: hosts lose their power, and then one of their processes, which may
// have answered already, is out of hearing when the controller switches hosts on.
void FaultInjector::strike_reset() {
  if (profile_.crash_host.every.us <= 0 || profile_.cut.every.us <= 0 || !of_resets_.chance(kStruckResets)) return;
  for (size_t hosts = cloud_.computes().size(); hosts > 0; --hosts)
    cloud_.loop().call_after(up_to(kResetBegins, of_resets_), [this] {
      if (!ceased_) crash_host(up_to(kResetLasts, of_resets_), of_resets_);
    });
  cloud_.loop().call_after(up_to(kResetGoesOn, of_resets_), [this] {
    const auto process = static_cast<uint32_t>(of_resets_.below(cloud_.computes().size()));
    if (!ceased_)
      cut_between({Role::kController, 0}, {Role::kCompute, process}, up_to(kResetLasts, of_resets_), of_resets_);
  });
}

// A process is frozen, and thaws: before its successor has come, or beside it.
void FaultInjector::second_process(Duration down, Random& random) {
  constexpr std::array kRoles{Role::kCompute, Role::kScheduler, Role::kNetwork};
  Node* node = pick(kRoles[random.below(kRoles.size())], random);
  const Duration until_thaw = up_to(down, random) * 2;
  if (node == nullptr || node->frozen()) return;
  const PeerId id = node->id();
  const std::string kind = kind_of("second process", id);
  count(kind, id);
  strike(kind, id);
  node->freeze();
  work_.died(id);
  if (id.role != Role::kScheduler) cloud_.ledger().was_doubled(id.role);
  after(down, &FaultInjector::revive, id);
  cloud_.loop().call_after(until_thaw, [node] { node->thaw(); });
}

void FaultInjector::crash_host(Duration down, Random& random) {
  ComputeNode& node = *cloud_.computes()[random.below(cloud_.computes().size())];
  const std::string host = node.hosts()[random.below(node.hosts().size())].name;
  if (node.hosts_down().contains(host)) return;
  count("crash host", node.id());
  cloud_.history().digest.fold(host);
  strike("crash host", node.id(), [&](const std::string& at) { return at == host; });
  node.crash_host(host);
  work_.host_died(node.id(), host);
  cloud_.loop().call_after(down, [&node, host] { node.start_host(host); });
}

void FaultInjector::cut_power(Duration down, Random& random) {
  Node* picked = pick(Role::kCompute, random);
  if (picked == nullptr) return;
  ComputeNode& node = *cloud_.computes()[picked->id().index];
  count("cut power", node.id());
  strike("cut power", node.id());
  node.cut_power();
  work_.died(node.id());
  after(down, &FaultInjector::revive, node.id());
}

void FaultInjector::slow_daemon(Duration lasts, Random& random) {
  PeerId id = cloud_.nodes()[random.below(cloud_.nodes().size())]->id();
  count(kind_of("slow", id), id);
  cloud_.network().set_service_time(id, up_to(kSlowest, random));
  cloud_.loop().call_after(lasts, [this, id] { cloud_.network().set_service_time(id, {}); });
}

std::pair<PeerId, PeerId> FaultInjector::pick_link(Random& random) {
  std::vector<std::pair<PeerId, PeerId>> links;
  for (const Node* a : cloud_.nodes())
    for (const Node* b : cloud_.nodes())
      if (are_connected(a->id().role, b->id().role)) links.emplace_back(a->id(), b->id());
  return links[random.below(links.size())];
}

void FaultInjector::clog(Duration lasts, Random& random) {
  auto [a, b] = pick_link(random);
  count("clog", a);
  cloud_.network().clog(a, b, lasts);
}

void FaultInjector::cut(Duration lasts, Random& random) {
  auto [a, b] = pick_link(random);
  cut_between(a, b, lasts, random);
}

void FaultInjector::cut_between(PeerId a, PeerId b, Duration lasts, Random& random) {
  count("cut", a);
  cloud_.network().cut(a, b);
  if (random.chance(0.5)) cloud_.network().cut(b, a);
  cloud_.loop().call_after(lasts, [this, a, b] {
    heal(a, b);
    heal(b, a);
  });
}

void FaultInjector::heal(PeerId from, PeerId to) {
  if (!deaf_.contains({from, to})) cloud_.network().heal(from, to);
}

// Who hears nothing any more may go on to speak.
void FaultInjector::deafen(Duration lasts, Random& random) {
  auto [from, to] = pick_link(random);
  if (!deaf_.insert({from, to}).second) return;
  count("deaf", from);
  cloud_.network().cut(from, to);
  cloud_.loop().call_after(lasts, [this, from = from, to = to] {
    deaf_.erase({from, to});
    heal(from, to);
  });
}

void FaultInjector::narrow(Duration lasts, Random& random) {
  auto [a, b] = pick_link(random);
  count("narrow", a);
  cloud_.network().narrow(a, b, lasts);
}

void FaultInjector::disconnect(Duration, Random& random) {
  auto [a, b] = pick_link(random);
  if (!cloud_.network().disconnect(a, b, up_to(kLongestAway, random))) return;
  count("disconnect", a);
}

// A jump, small or as far as it goes; or the clock gains or loses up to as much as the time that passes, for some
// minutes.
void FaultInjector::skew(Duration most, Random& random) {
  const PeerId id = cloud_.nodes()[random.below(cloud_.nodes().size())]->id();
  count("skew", id);
  strike("skew", id);
  const bool drifts = random.chance(0.3);
  Duration by = drifts ? up_to(kFastestDrift, random) : most;
  if (!drifts && random.chance(0.5)) by = Duration{most.us >> random.below(kSmallestJump)};
  if (random.chance(0.5)) by = Duration{} - by;
  if (drifts) return drift(id, by, 1 + static_cast<int64_t>(random.below(kLongestDrift)));
  set_clock(id, by);
}

void FaultInjector::set_clock(PeerId id, Duration ahead) {
  clocks_[id] = ahead;
  cloud_.node(id).set_wall_skew(ahead);
}

void FaultInjector::drift(PeerId id, Duration each, int64_t times) {
  if (times == 0 || ceased_) return;
  set_clock(id, clocks_[id] + each);
  cloud_.loop().call_after(seconds(1), [this, id, each, times] { drift(id, each, times - 1); });
}

}  // namespace kilonova::sim
