#include "compute-node/core/resource_tracker.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/check.h"

namespace kilonova::compute {
namespace {

// One class of what does not fit, as nova/compute/claims.py words it.
void explain(std::string& reasons, std::string_view type, std::string_view unit, int64_t total, double ratio,
             int64_t used, int64_t amount) {
  double limit = static_cast<double>(total) * ratio;
  double free = limit - static_cast<double>(used);
  if (amount == 0 || (amount <= total && static_cast<double>(used + amount) <= limit)) return;
  if (!reasons.empty()) reasons += "; ";
  if (amount > total) {
    reasons += fmt::format("Total {} {} {} < requested {} {}", type, total, unit, amount, unit);
  } else {
    reasons += fmt::format("Free {} {:.2f} {} < requested {} {}", type, free, unit, amount, unit);
  }
}

}  // namespace

Claim& Claim::operator=(Claim&& other) noexcept {
  if (this == &other) return *this;
  release();
  tracker_ = std::exchange(other.tracker_, nullptr);
  host_ = other.host_;
  placement_ = other.placement_;
  resources_ = other.resources_;
  return *this;
}

void Claim::release() {
  if (tracker_ != nullptr) std::exchange(tracker_, nullptr)->give_back(host_, placement_, resources_);
}

ResourceTracker::ResourceTracker(const std::vector<Resources>& totals, const AllocationRatios& ratios,
                                 Callback on_change)
    : ratios_(ratios), on_change_(std::move(on_change)) {
  hosts_.reserve(totals.size());
  for (const Resources& total : totals) hosts_.push_back({.total = total});
}

Expected<Claim> ResourceTracker::instance_claim(uint32_t host, const PlacementId& placement, const Resources& amount) {
  const Usage& usage = hosts_[host];
  bool negative = amount.vcpus < 0 || amount.memory_mb < 0 || amount.disk_gb < 0;
  if (negative) return fail(ErrorCode::kInvalidArgument, "Insufficient compute resources: the amount is negative.");
  if (!fits(usage.total, ratios_, usage.used, amount)) {
    std::string reasons;
    explain(reasons, "CPUs", "VCPU", usage.total.vcpus, ratios_.vcpus, usage.used.vcpus, amount.vcpus);
    explain(reasons, "memory", "MB", usage.total.memory_mb, ratios_.memory, usage.used.memory_mb, amount.memory_mb);
    explain(reasons, "disk", "GB", usage.total.disk_gb, ratios_.disk, usage.used.disk_gb, amount.disk_gb);
    return fail(ErrorCode::kResourceExhausted, fmt::format("Insufficient compute resources: {}.", reasons));
  }
  return adopt(host, placement, amount);
}

Claim ResourceTracker::adopt(uint32_t host, const PlacementId& placement, const Resources& amount) {
  hosts_[host].used += amount;
  ++hosts_[host].instances;
  settle(host, placement);
  return Claim(*this, host, placement, amount);
}

void ResourceTracker::give_back(uint32_t host, const PlacementId& placement, const Resources& amount) {
  Usage& usage = hosts_[host];
  KN_CHECK(usage.instances > 0, "a claim was given back twice");
  usage.used -= amount;
  --usage.instances;
  settle(host, placement);
}

void ResourceTracker::settle(uint32_t host, const PlacementId& placement) {
  change_of(host).settled.push_back(placement);
}

ResourceTracker::Change& ResourceTracker::change_of(uint32_t host) {
  if (const size_t* index = change_index_.find(host)) return changes_[*index];
  bool first = changes_.empty();
  change_index_.insert(host, changes_.size());
  changes_.push_back({.host = host, .settled = {}});
  ++hosts_[host].version;
  if (first) on_change_();
  return changes_.back();
}

std::vector<ResourceTracker::Change> ResourceTracker::take_changes() {
  change_index_.clear();
  return std::exchange(changes_, {});
}

}  // namespace kilonova::compute
