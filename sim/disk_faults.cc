// Of FaultInjector: what happens to the daemons' disks.
#include "sim/fault_injector.h"

namespace kilonova::sim {
namespace {

constexpr Duration kSlowestCommit = seconds(3);
constexpr uint64_t kMostForgotten = 60;  // commits, or changes of a journal
constexpr double kJournals = 0.3;        // of what goes back

}  // namespace

// One of the two stores, or both, each by a number of its own; or the journal of a machine that loses its power.
void FaultInjector::go_back(Duration down, Random& random) {
  if (random.chance(kJournals)) return lose_journal(down, random);
  const uint64_t which = random.below(4);
  for (Role role : {Role::kController, Role::kNetwork}) {
    const uint64_t commits = 1 + random.below(kMostForgotten);
    if (which == (role == Role::kController ? 0u : 1u)) continue;
    const PeerId id{role, 0};
    strike(kind_of("go back", id), id);
    work_.died(id);
    if (cloud_.take_back(role, commits) > 0) count(kind_of("go back", id), id);
    after(down, &FaultInjector::revive, id);
  }
}

void FaultInjector::lose_journal(Duration down, Random& random) {
  Node* picked = pick(Role::kCompute, random);
  if (picked == nullptr) return;
  const PeerId id = picked->id();
  strike(kind_of("go back", id), id);
  work_.died(id);
  if (cloud_.computes()[id.index]->take_back(1 + random.below(kMostForgotten)) > 0) count(kind_of("go back", id), id);
  after(down, &FaultInjector::revive, id);
}

PeerId FaultInjector::pick_disk(bool with_compute, Random& random) {
  uint64_t number = random.below(2 + (with_compute ? cloud_.computes().size() : 0));
  if (number == 0) return {Role::kController, 0};
  if (number == 1) return {Role::kNetwork, 0};
  return {Role::kCompute, static_cast<uint32_t>(number - 2)};
}

MemoryDisk& FaultInjector::disk_of(PeerId id) {
  if (id.role == Role::kController) return cloud_.controller().disk();
  if (id.role == Role::kNetwork) return cloud_.network_controller().disk();
  return cloud_.computes()[id.index]->disk();
}

void FaultInjector::fill_disk(Duration lasts, Random& random) {
  PeerId id = pick_disk(true, random);
  count(kind_of("full disk", id), id);
  disk_of(id).fail_from_now_on({ErrorCode::kUnavailable, "no space left on device"});
  after(lasts, &FaultInjector::mend_disk, id);
}

// Counted when it meets a write.
void FaultInjector::refuse_once(Duration, Random& random) {
  disk_of(pick_disk(true, random)).fail_next({ErrorCode::kUnavailable, "input/output error"});
}

// A journal's writes take no time here.
void FaultInjector::slow_disk(Duration lasts, Random& random) {
  PeerId id = pick_disk(false, random);
  count(kind_of("slow disk", id), id);
  disk_of(id).commit_latency = up_to(kSlowestCommit, random);
  after(lasts, &FaultInjector::mend_disk, id);
}

// For hours, whatever else strikes it and is mended.
void FaultInjector::weary_disk(Duration lasts, Random& random) {
  PeerId id = pick_disk(false, random);
  if (weary_.contains(id)) return;
  count(kind_of("weary disk", id), id);
  weary_[id] = disk_of(id).commit_latency = up_to(kSlowestCommit, random);
  cloud_.loop().call_after(lasts, [this, id] {
    weary_.erase(id);
    mend_disk(id);
  });
}

void FaultInjector::mend_disk(PeerId id) {
  disk_of(id).recover();
  if (id.role == Role::kCompute) return;
  auto weary = weary_.find(id);
  disk_of(id).commit_latency = weary == weary_.end() ? cloud_.options().commit_latency : weary->second;
}

}  // namespace kilonova::sim
