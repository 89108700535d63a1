// ResourceTracker: what each host of the process has, what of it is claimed, and what of that changed since the
// schedulers were last told (nova/compute/resource_tracker.py and claims.py, without their database).
//
// The claim here is the last check of capacity: schedulers only guess. Pure; loop thread only; owns no host names.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/hash_map.h"
#include "domain/messages.h"
#include "domain/resources.h"
#include "runtime/callback.h"

namespace kilonova::compute {

class ResourceTracker;

// Resources of one placement on one host, given back when the claim dies. Must not outlive its tracker.
class Claim {
 public:
  Claim() = default;
  Claim(Claim&& other) noexcept { *this = std::move(other); }
  Claim& operator=(Claim&& other) noexcept;
  ~Claim() { release(); }

  bool held() const { return tracker_ != nullptr; }
  const Resources& resources() const { return resources_; }
  // Nova: abort_instance_claim, or the end of the guest that the claim was for.
  void release();

 private:
  friend class ResourceTracker;
  Claim(ResourceTracker& tracker, uint32_t host, const PlacementId& placement, const Resources& resources)
      : tracker_(&tracker), host_(host), placement_(placement), resources_(resources) {}

  ResourceTracker* tracker_ = nullptr;
  uint32_t host_ = 0;
  PlacementId placement_;
  Resources resources_;
};

class ResourceTracker {
 public:
  struct Usage {
    Resources total;
    Resources used;
    uint32_t instances = 0;
    uint64_t version = 1;
  };
  struct Change {
    uint32_t host = 0;
    std::vector<PlacementId> settled;
  };

  // Hosts are numbered in the order of their totals. `on_change` is called when the first change since take_changes()
  // is made.
  ResourceTracker(const std::vector<Resources>& totals, const AllocationRatios& ratios, Callback on_change);
  ResourceTracker(const ResourceTracker&) = delete;
  ResourceTracker& operator=(const ResourceTracker&) = delete;

  // kResourceExhausted, with the text of Nova's ComputeResourcesUnavailable: nothing was claimed.
  Expected<Claim> instance_claim(uint32_t host, const PlacementId& placement, const Resources& amount);
  // For a guest that is there already, after a restart: whether it fits or not.
  Claim adopt(uint32_t host, const PlacementId& placement, const Resources& amount);
  // The host will not take this placement, or no longer has it: the schedulers' debits for it end.
  void settle(uint32_t host, const PlacementId& placement);

  const Usage& usage(uint32_t host) const { return hosts_[host]; }
  // Hosts changed since the last call, in the order of their first change; their versions have grown by one.
  std::vector<Change> take_changes();

 private:
  friend class Claim;
  void give_back(uint32_t host, const PlacementId& placement, const Resources& amount);
  Change& change_of(uint32_t host);

  std::vector<Usage> hosts_;
  AllocationRatios ratios_;
  Callback on_change_;
  std::vector<Change> changes_;
  HashMap<uint32_t, size_t> change_index_;  // host -> place in changes_
};

}  // namespace kilonova::compute
