// Weighers: how much a host is liked, as pure numbers, and Nova's way to add them up (nova/weights.py).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "domain/request_spec.h"
#include "scheduler/core/host_manager.h"
#include "scheduler/core/host_state.h"
#include "scheduler/core/options.h"

namespace kilonova::scheduler {

class Weigher {
 public:
  explicit Weigher(double multiplier) : multiplier_(multiplier) {}
  virtual ~Weigher() = default;
  // As `kilonova explain` shows it: "RAMWeigher".
  virtual std::string_view name() const = 0;
  // More is better. May be below minval.
  virtual double raw(const HostState& host) const = 0;
  // Where normalisation starts; nothing: at the least of the hosts.
  virtual std::optional<double> minval() const { return std::nullopt; }
  double multiplier() const { return multiplier_; }

 private:
  double multiplier_;
};

using Weighers = std::vector<std::unique_ptr<Weigher>>;

// CPU, RAM, disk: the order in which the sums are formed.
Weighers make_weighers(const SchedulerOptions& options);

// nova/weights.py normalize, of one value: (x - lo) / (hi - lo), 0 when lo equals hi. Never falls when the value rises.
inline double normalized(double raw, double low, double high) { return low == high ? 0.0 : (raw - low) / (high - low); }

// The same of all, in place: raw values below minval become minval, then normalized() with lo = minval or the
// least, hi the greatest. Raw values are left clamped in `raw`.
std::vector<double> normalize(std::span<double> raw, std::optional<double> minval);

struct RankedHost {
  double weight = 0;
  HostIndex host = kNoIndex;
};

// Nova's get_weighed_hosts: the hosts by falling weight, of equal ones the earlier first; only the best `wanted`. A
// single host is not weighed. Puts the best kMaxWeighedHosts with their scores into the decision.
std::vector<RankedHost> get_weighed_hosts(const HostManager& hosts, std::span<const HostIndex> filtered,
                                          std::span<const std::unique_ptr<Weigher>> weighers, size_t wanted,
                                          Decision& decision);

}  // namespace kilonova::scheduler
