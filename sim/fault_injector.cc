#include "sim/fault_injector.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"

namespace kilonova::sim {
namespace {

constexpr Duration kSlowest = milliseconds(50);  // for one message

// What a launch is at when it has logged this step last. The network-controller logs 8 while compute waits for it in 7.
std::vector<LaunchStep> under_way_after(LaunchStep step) {
  if (step == LaunchStep::kClaimed) return {LaunchStep::kNetworkRequested, LaunchStep::kAddressAllocated};
  if (step == LaunchStep::kAddressAllocated) return {LaunchStep::kNetworkRequested};
  if (step == LaunchStep::kNetworkRequested) return {LaunchStep::kBlockDevicesMapped};
  return {step >= LaunchStep::kActive ? LaunchStep::kActive : static_cast<LaunchStep>(static_cast<int>(step) + 1)};
}

}  // namespace

FaultInjector::FaultInjector(SimCloud& cloud, FaultProfile profile)
    : cloud_(cloud), profile_(std::move(profile)), random_(cloud.options().seed, "world", "faults") {}

void FaultInjector::start() {
  cloud_.network().set_faults(profile_.network);
  cloud_.network().on_struck([this](std::string_view fault, PeerId, PeerId, const Message& message) {
    injected_ += 1;
    strikes_.count(fault, step_of(message));
  });
  auto kept = [this](size_t unanswered) { return static_cast<size_t>(random_.below(unanswered + 1)); };
  cloud_.controller().disk().kept_on_crash = kept;
  cloud_.network_controller().disk().kept_on_crash = kept;
  recur(profile_.cut, &FaultInjector::cut);
  recur(profile_.clog, &FaultInjector::clog);
  recur(profile_.disconnect, &FaultInjector::disconnect);
  recur(profile_.kill_controller, &FaultInjector::kill_controller);
  recur(profile_.kill_scheduler, &FaultInjector::kill_scheduler);
  recur(profile_.kill_network, &FaultInjector::kill_network);
  recur(profile_.kill_compute, &FaultInjector::kill_compute);
  recur(profile_.kill_api, &FaultInjector::kill_api);
  recur(profile_.crash_host, &FaultInjector::crash_host);
  recur(profile_.cut_power, &FaultInjector::cut_power);
  recur(profile_.slow_daemon, &FaultInjector::slow_daemon);
  recur(profile_.full_disk, &FaultInjector::fill_disk);
  recur(profile_.refusal, &FaultInjector::refuse_once);
  recur(profile_.slow_disk, &FaultInjector::slow_disk);
  recur(profile_.skew, &FaultInjector::skew);
}

void FaultInjector::cease() {
  ceased_ = true;
  NetworkFaults calm;
  calm.latency_min = profile_.network.latency_min;
  calm.latency_max = profile_.network.latency_max;
  cloud_.network().set_faults(calm);
  cloud_.network().heal_all();
  for (Node* node : cloud_.nodes()) {
    cloud_.network().set_service_time(node->id(), {});
    revive(node->id());
    if (node->id().role == Role::kController || node->id().role == Role::kNetwork ||
        node->id().role == Role::kCompute) {
      mend_disk(node->id());
      while (disk_of(node->id()).take_failure()) continue;  // refusals that found nothing to refuse yet
    }
  }
  for (const auto& node : cloud_.computes())
    for (const std::string& host : std::set<std::string>(node->hosts_down())) node->start_host(host);
}

void FaultInjector::recur(const Recurring& recurring, Action action) {
  if (recurring.every.us <= 0) return;
  cloud_.loop().call_after(up_to(recurring.every * 2), [this, recurring, action] {
    if (ceased_) return;
    injected_ += 1;
    (this->*action)(up_to(recurring.lasts));
    recur(recurring, action);
  });
}

Duration FaultInjector::up_to(Duration limit) {
  return microseconds(1 + (limit.us <= 0 ? 0 : static_cast<int64_t>(random_.below(static_cast<uint64_t>(limit.us)))));
}

void FaultInjector::after(Duration delay, void (FaultInjector::*mend)(PeerId), PeerId id) {
  cloud_.loop().call_after(delay, [this, mend, id] { (this->*mend)(id); });
}

void FaultInjector::strike(std::string_view fault, std::initializer_list<Role> roles) {
  bool hit = false;
  auto strike_at = [&](LaunchStep step) {
    Role daemon = launch_steps()[static_cast<size_t>(step) - 1].daemon;
    if (std::ranges::find(roles, daemon) == roles.end()) return;
    strikes_.count(fault, step);
    hit = true;
  };
  for (const auto& [instance, step] : cloud_.history().building)
    for (LaunchStep next : under_way_after(step)) strike_at(next);
  if (cloud_.history().open_creates > 0) {
    strike_at(LaunchStep::kRequestAccepted);
    strike_at(LaunchStep::kInstanceCreated);
  }
  if (!hit) strikes_.count(fault, LaunchStep::kNone);
}

PeerId FaultInjector::pick(Role role, size_t count) { return {role, static_cast<uint32_t>(random_.below(count))}; }

void FaultInjector::kill(PeerId id, Duration down) {
  Node& node = cloud_.node(id);
  if (!node.alive()) return;
  strike(std::string("kill ") + std::string(to_string(id.role)), {id.role});
  cloud_.history().digest.fold(to_string(id));
  node.kill();
  after(down, &FaultInjector::revive, id);
}

void FaultInjector::revive(PeerId id) {
  Node& node = cloud_.node(id);
  if (!node.alive()) node.start();
}

void FaultInjector::crash_host(Duration down) {
  ComputeNode& node = *cloud_.computes()[random_.below(cloud_.computes().size())];
  const std::string host = node.hosts()[random_.below(node.hosts().size())].name;
  if (node.hosts_down().contains(host)) return;
  strike("crash host", {Role::kCompute});
  cloud_.history().digest.fold(host);
  node.crash_host(host);
  cloud_.loop().call_after(down, [&node, host] { node.start_host(host); });
}

void FaultInjector::cut_power(Duration down) {
  ComputeNode& node = *cloud_.computes()[random_.below(cloud_.computes().size())];
  if (!node.alive()) return;
  strike("cut power", {Role::kCompute});
  cloud_.history().digest.fold(to_string(node.id()));
  node.cut_power();
  after(down, &FaultInjector::revive, node.id());
}

void FaultInjector::slow_daemon(Duration lasts) {
  PeerId id = cloud_.nodes()[random_.below(cloud_.nodes().size())]->id();
  strike(std::string("slow ") + std::string(to_string(id.role)), {id.role});
  cloud_.network().set_service_time(id, up_to(kSlowest));
  cloud_.loop().call_after(lasts, [this, id] { cloud_.network().set_service_time(id, {}); });
}

std::optional<std::pair<PeerId, PeerId>> FaultInjector::pick_link() {
  const auto& nodes = cloud_.nodes();
  PeerId a = nodes[random_.below(nodes.size())]->id();
  PeerId b = nodes[random_.below(nodes.size())]->id();
  return are_connected(a.role, b.role) ? std::optional(std::pair(a, b)) : std::nullopt;
}

void FaultInjector::clog(Duration lasts) {
  auto link = pick_link();
  if (!link) return;
  strike("clog", {link->first.role, link->second.role});
  cloud_.network().clog(link->first, link->second, lasts);
}

void FaultInjector::cut(Duration lasts) {
  auto link = pick_link();
  if (!link) return;
  auto [a, b] = *link;
  bool both = random_.chance(0.5);
  strike("cut", {a.role, b.role});
  cloud_.network().cut(a, b);
  if (both) cloud_.network().cut(b, a);
  cloud_.loop().call_after(lasts, [this, a = a, b = b] {
    cloud_.network().heal(a, b);
    cloud_.network().heal(b, a);
  });
}

void FaultInjector::disconnect(Duration) {
  auto link = pick_link();
  if (!link) return;
  strike("disconnect", {link->first.role, link->second.role});
  cloud_.network().disconnect(link->first, link->second);
}

PeerId FaultInjector::pick_disk() {
  uint64_t number = random_.below(2 + cloud_.computes().size());
  if (number == 0) return {Role::kController, 0};
  if (number == 1) return {Role::kNetwork, 0};
  return {Role::kCompute, static_cast<uint32_t>(number - 2)};
}

MemoryDisk& FaultInjector::disk_of(PeerId id) {
  if (id.role == Role::kController) return cloud_.controller().disk();
  if (id.role == Role::kNetwork) return cloud_.network_controller().disk();
  return cloud_.computes()[id.index]->disk();
}

void FaultInjector::fill_disk(Duration lasts) {
  PeerId id = pick_disk();
  strike(std::string("full disk ") + std::string(to_string(id.role)), {id.role});
  disk_of(id).fail_from_now_on({ErrorCode::kUnavailable, "no space left on device"});
  after(lasts, &FaultInjector::mend_disk, id);
}

void FaultInjector::refuse_once(Duration) {
  PeerId id = pick_disk();
  strike(std::string("refusal ") + std::string(to_string(id.role)), {id.role});
  disk_of(id).fail_next({ErrorCode::kUnavailable, "input/output error"});
}

void FaultInjector::slow_disk(Duration lasts) {
  PeerId id = pick_disk();
  if (id.role == Role::kCompute) return;  // a journal's writes take no time here
  strike(std::string("slow disk ") + std::string(to_string(id.role)), {id.role});
  disk_of(id).commit_latency = milliseconds(1 + static_cast<int64_t>(random_.below(3000)));
  after(lasts, &FaultInjector::mend_disk, id);
}

void FaultInjector::mend_disk(PeerId id) {
  disk_of(id).recover();
  if (id.role != Role::kCompute) disk_of(id).commit_latency = cloud_.options().commit_latency;
}

void FaultInjector::skew(Duration most) {
  Node& node = *cloud_.nodes()[random_.below(cloud_.nodes().size())];
  strikes_.count("skew", LaunchStep::kNone);
  node.set_wall_skew(random_.chance(0.5) ? most : Duration{} - most);
}

}  // namespace kilonova::sim
