// Scale: turns the raw values of the hosts of one group into weights, to the last bit as get_weighed_hosts does. It
// knows the least and greatest raw values of all hosts that compete, and the multipliers of the group.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "scheduler/core/index/host_point.h"

namespace kilonova::scheduler {

// The least and the greatest raw value of one weigher among the hosts that compete; at first of none.
struct Extent {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(const Extent& other) {
    low = std::min(low, other.low);
    high = std::max(high, other.high);
  }
};

class Scale {
 public:
  explicit Scale(size_t weighers) { terms_.reserve(weighers); }

  // Without any of these, all are alike. To be added in the order of the weighers, since rounding depends on it.
  void add_axis(size_t axis, double multiplier, const Extent& extent) {
    // What is 0 whatever the host is changes no sum.
    if (multiplier == 0 || extent.low == extent.high) return;
    terms_.push_back({multiplier, extent.low, extent.high, extent.high - extent.low, axis});
  }
  // A score that all hosts of the group have.
  void add_score(double score) {
    if (score != 0) terms_.push_back({.multiplier = score, .axis = kScore});
  }

  // The raw values of a host must lie within the extents.
  double weight(std::span<const double> raw) const {
    return sum([&](const Term& term) { return raw[term.axis]; });
  }
  // What no competing host in the box exceeds. Raw values beyond the extents are of hosts that were filtered out.
  double bound(const Box& box) const {
    return sum([&](const Term& term) {
      return term.multiplier < 0 ? std::max(box.raw_min[term.axis], term.low)
                                 : std::min(box.raw_max[term.axis], term.high);
    });
  }

 private:
  struct Term {
    double multiplier = 0;  // or the score
    double low = 0;
    double high = 0;
    double range = 0;
    size_t axis = 0;  // or kScore
  };
  static constexpr size_t kScore = kMostAxes;

  double sum(auto raw_of) const {
#pragma clang fp contract(off)  // as get_weighed_hosts adds
    double total = 0;
    for (const Term& term : terms_)
      total += term.axis == kScore ? term.multiplier : term.multiplier * ((raw_of(term) - term.low) / term.range);
    return total;
  }

  std::vector<Term> terms_;
};

}  // namespace kilonova::scheduler
