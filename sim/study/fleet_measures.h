// FleetMeasures: how full a fleet is, and how well. Follows every change of a host; reading costs as much as changed
// since the last reading. docs/studies.md says where each measure comes from. Pure; one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "domain/resources.h"
#include "sim/study/workload.h"

namespace kilonova::study {

// Of vCPUs, memory, and disk (or GPUs in its place), in this order.
inline constexpr size_t kResourceCount = 3;
using PerResource = std::array<double, kResourceCount>;

// Shares from 0 to 1. Capacity is what may be given away: the total times its allocation ratio.
struct FleetReading {
  PerResource allocated{};  // given away, of the capacity of all hosts
  PerResource packing{};    // the same of the hosts that have a server; 0 where none has
  PerResource stranded{};   // free where a request of the workload does not fit, of the capacity of all hosts
  double empty_hosts = 0;   // hosts without a server, of all hosts
};

class FleetMeasures {
 public:
  // `totals` must have a host. What is stranded is asked of the sizes of these requests, each as often as it is there;
  // of more than kMaxSizes different ones, the most frequent.
  FleetMeasures(const std::vector<Resources>& totals, const AllocationRatios& ratios,
                const std::vector<Request>& requests);

  // `host` is an index into `totals`.
  void update(size_t host, const Resources& used, uint32_t instances);
  FleetReading read();

  static constexpr size_t kMaxSizes = 1'000;

 private:
  struct Size {
    Resources amount;
    double weight = 0;
  };
  struct Host {
    Resources total;
    Resources used;
    uint32_t instances = 0;
    PerResource capacity{};
    PerResource stranded{};
    bool is_stale = true;  // `stranded` is of an earlier `used`
  };

  void weigh_sizes(const std::vector<Request>& requests);
  PerResource stranded_on(const Host& host) const;

  AllocationRatios ratios_;
  std::vector<Size> sizes_;
  PerResource asked_weight_{};  // of the sizes that ask for the resource at all
  std::vector<Host> hosts_;
  std::vector<size_t> stale_;
  PerResource capacity_{};
};

}  // namespace kilonova::study
