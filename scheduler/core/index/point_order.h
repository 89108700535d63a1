// PointOrder: turns the raw values of a host into a code, such that hosts with near codes have near weights. It decides
// how much a search has to look at, and nothing else: any order gives the same answers.
//
// A code is the binary digits of the raw values, the one first in which hosts' weights differ most: an axis has a digit
// for each halving of its share in the weights, so that all codes with the same beginning are about as wide in each
// axis as in the others. Axes in which hosts are alike have no digits. Pure data; nothing here can fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "scheduler/core/index/host_point.h"

namespace kilonova::scheduler {

// What a sample of the hosts says of one axis.
struct AxisSample {
  std::vector<double> values;  // any order; as many for each axis
  double multiplier = 0;
  bool from_least = false;  // normalisation starts at the least of the hosts
  double minval = 0;        // else here
};

class PointOrder {
 public:
  // All codes are 0.
  PointOrder() = default;
  explicit PointOrder(std::span<AxisSample> axes);

  uint64_t code_of(std::span<const double> raw) const;
  // Whether a later sample of the same hosts asks for another order: some axis has left half of its range, or digits
  // are due to others.
  bool is_overtaken_by(const PointOrder& later) const;

 private:
  struct Axis {
    double low = 0;
    double high = 0;
  };

  std::vector<Axis> axes_;
  std::vector<uint8_t> digits_;  // whose next digit, most significant first
};

}  // namespace kilonova::scheduler
