#include "sim/fault_injector.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace kilonova::sim {
namespace {

LaunchStep next_of(LaunchStep step) {
  return step >= LaunchStep::kActive ? LaunchStep::kActive : static_cast<LaunchStep>(static_cast<int>(step) + 1);
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
  recur(profile_.disconnect, &FaultInjector::disconnect);
  recur(profile_.kill_controller, &FaultInjector::kill_controller);
  recur(profile_.kill_scheduler, &FaultInjector::kill_scheduler);
  recur(profile_.kill_network, &FaultInjector::kill_network);
  recur(profile_.kill_compute, &FaultInjector::kill_compute);
  recur(profile_.kill_api, &FaultInjector::kill_api);
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
    revive(node->id());
    if (node->id().role == Role::kController || node->id().role == Role::kNetwork ||
        node->id().role == Role::kCompute) {
      mend_disk(node->id());
    }
  }
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

void FaultInjector::strike(std::string_view fault, Role role) {
  bool hit = false;
  for (const auto& [instance, step] : cloud_.history().building) {
    LaunchStep next = next_of(step);
    if (role != Role::kClient && launch_steps()[static_cast<size_t>(next) - 1].daemon != role) continue;
    strikes_.count(fault, next);
    hit = true;
  }
  if (!hit) strikes_.count(fault, LaunchStep::kNone);
}

PeerId FaultInjector::pick(Role role, size_t count) { return {role, static_cast<uint32_t>(random_.below(count))}; }

void FaultInjector::kill(PeerId id, Duration down) {
  Node& node = cloud_.node(id);
  if (!node.alive()) return;
  strike(std::string("kill ") + std::string(to_string(id.role)), id.role);
  cloud_.history().digest.fold(to_string(id));
  node.kill();
  after(down, &FaultInjector::revive, id);
}

void FaultInjector::revive(PeerId id) {
  Node& node = cloud_.node(id);
  if (!node.alive()) node.start();
}

void FaultInjector::cut(Duration lasts) {
  const auto& nodes = cloud_.nodes();
  PeerId a = nodes[random_.below(nodes.size())]->id();
  PeerId b = nodes[random_.below(nodes.size())]->id();
  if (!are_connected(a.role, b.role)) return;
  bool both = random_.chance(0.5);
  strike("cut", Role::kClient);
  cloud_.network().cut(a, b);
  if (both) cloud_.network().cut(b, a);
  cloud_.loop().call_after(lasts, [this, a, b] {
    cloud_.network().heal(a, b);
    cloud_.network().heal(b, a);
  });
}

void FaultInjector::disconnect(Duration) {
  const auto& nodes = cloud_.nodes();
  PeerId a = nodes[random_.below(nodes.size())]->id();
  PeerId b = nodes[random_.below(nodes.size())]->id();
  if (!are_connected(a.role, b.role)) return;
  strike("disconnect", Role::kClient);
  cloud_.network().disconnect(a, b);
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
  strike(std::string("full disk ") + std::string(to_string(id.role)), id.role);
  disk_of(id).fail_from_now_on({ErrorCode::kUnavailable, "no space left on device"});
  after(lasts, &FaultInjector::mend_disk, id);
}

void FaultInjector::refuse_once(Duration) {
  PeerId id = pick_disk();
  strike(std::string("refusal ") + std::string(to_string(id.role)), id.role);
  disk_of(id).fail_next({ErrorCode::kUnavailable, "input/output error"});
}

void FaultInjector::slow_disk(Duration lasts) {
  PeerId id = pick_disk();
  if (id.role == Role::kCompute) return;  // a journal's writes take no time here
  strike(std::string("slow disk ") + std::string(to_string(id.role)), id.role);
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
