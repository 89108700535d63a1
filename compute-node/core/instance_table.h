// InstanceTable: what each host of the process knows of each server: the fence, the guest, the work in progress, the
// terminal report that waits for its answer. Hosts are independent: a server can be on two of them for a while.
//
// Owned by ComputeCore; loop thread only. References stay valid until the entry is forgotten; flows look it up again
// after every co_await.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/hash_map.h"
#include "base/time.h"
#include "compute-node/core/resource_tracker.h"
#include "domain/messages.h"
#include "domain/states.h"
#include "runtime/scope.h"

namespace kilonova::compute {

struct HostInstance {
  uint32_t host = 0;
  Uuid instance;
  auto operator<=>(const HostInstance&) const = default;
};

struct HostInstanceHash {
  size_t operator()(const HostInstance& key) const noexcept {
    return std::hash<Uuid>{}(key.instance) ^ (static_cast<size_t>(key.host) * 0x9e3779b97f4a7c15ULL);
  }
};

// A guest as the journal has it, and what nova-compute remembers besides. It holds its claim until it is destroyed.
struct Guest {
  uint64_t epoch = 0;
  std::string name;
  PowerState power_state = PowerState::kNoState;
  bool built = false;
  bool exists = false;  // the hypervisor has disks or a definition of it: destroying takes time
  Claim claim;
  uint64_t shares_with = 0;  // the epoch that the server moved away from to come here, 0 = none
};

// Terminal, resent until answered.
struct UnansweredReport {
  InstanceReport report;
  Instant sent_at;
};

struct InstanceOnHost {
  HostInstance key;
  uint64_t epoch = 0;        // the highest heard of: older placements are refused
  bool building = false;     // `epoch` is being built: from receipt of the cast until the terminal report exists
  uint64_t shares_with = 0;  // the epoch that the server moves away from, of what is being built; 0 = it does not move
  uint64_t ticket = 0;       // for the addresses of `epoch`; 0: its cast was not heard in this life
  FlowId work = 0;           // the build or the power action in progress, which something newer may cancel
  std::optional<Guest> guest;
  std::unique_ptr<UnansweredReport> unanswered;
  uint64_t operation = 0;        // the last power operation of this epoch
  ServerActionKind action = {};  // of it
  bool operation_done = false;
  std::unique_ptr<Error> operation_fault;  // why it was not done: a repeat is answered so, and not tried again
};

// Epochs of servers that a host no longer has: for a while, and so many.
class FenceTable {
 public:
  FenceTable(Duration retention, size_t max_fences) : retention_(retention), max_fences_(max_fences) {}

  void remember(const HostInstance& key, uint64_t epoch, Instant now);
  // Forgets it as well; 0 when nothing is remembered.
  uint64_t take(const HostInstance& key);
  void expire(Instant now);
  size_t size() const { return epochs_.size(); }

 private:
  struct Fence {
    uint64_t epoch = 0;
    uint64_t serial = 0;  // of its last place in the queue
  };
  struct Place {
    HostInstance key;
    uint64_t serial = 0;
    Instant since;
  };
  void drop_oldest();

  Duration retention_;
  size_t max_fences_;
  uint64_t next_serial_ = 1;
  HashMap<HostInstance, Fence, HostInstanceHash> epochs_;
  std::deque<Place> queue_;  // oldest first; places of fences taken since are skipped
};

class InstanceTable {
 public:
  InstanceTable(Duration fence_retention, size_t max_fences) : fences_(fence_retention, max_fences) {}
  InstanceTable(const InstanceTable&) = delete;
  InstanceTable& operator=(const InstanceTable&) = delete;

  InstanceOnHost* find(const HostInstance& key);
  // A new entry takes its epoch from the fences.
  InstanceOnHost& find_or_create(const HostInstance& key);
  // Removes the entry when the host has nothing of the server and does nothing for it; its epoch becomes a fence.
  void forget_if_idle(HostInstance key, Instant now);

  void start_build(InstanceOnHost& entry, uint64_t epoch);
  // The build is over, with a terminal report or without one.
  void end_build(InstanceOnHost& entry, std::unique_ptr<UnansweredReport> report);
  void drop_report(InstanceOnHost& entry);

  // Placements that were received and whose terminal report was not answered.
  const std::set<HostInstance>& unfinished() const { return unfinished_; }
  // In the order in which they came.
  std::list<InstanceOnHost>& entries() { return entries_; }
  const std::list<InstanceOnHost>& entries() const { return entries_; }
  FenceTable& fences() { return fences_; }
  const FenceTable& fences() const { return fences_; }

 private:
  void note_unfinished(const InstanceOnHost& entry);

  std::list<InstanceOnHost> entries_;
  HashMap<HostInstance, std::list<InstanceOnHost>::iterator, HostInstanceHash> by_key_;
  std::set<HostInstance> unfinished_;
  FenceTable fences_;
};

}  // namespace kilonova::compute
