#include "scheduler/core/index/point_order.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace kilonova::scheduler {
namespace {

constexpr size_t kMostDigits = 40;
constexpr size_t kMostDigitsOfAxis = 16;

// How far apart hosts are in the weights, by this axis alone. The range leaves out the few at its ends, so that one
// host that reports nonsense does not put all others in one place.
double spread_of(const AxisSample& sample, double low, double high) {
  double start = sample.from_least ? low : sample.minval;
  return high > low && high > start ? std::abs(sample.multiplier) * (high - low) / (high - start) : 0;
}

}  // namespace

PointOrder::PointOrder(std::span<AxisSample> axes) {
  std::array<double, kMostAxes> spread{};
  std::array<size_t, kMostAxes> given{};
  for (AxisSample& sample : axes) {
    Axis& axis = axes_.emplace_back();
    if (sample.values.empty()) continue;
    std::ranges::sort(sample.values);
    const size_t ends = sample.values.size() / 64;
    axis = {sample.values[ends], sample.values[sample.values.size() - 1 - ends]};
    spread[axes_.size() - 1] = spread_of(sample, axis.low, axis.high);
  }
  while (digits_.size() < kMostDigits) {
    auto widest = std::ranges::max_element(spread);
    if (*widest == 0) break;
    auto axis = static_cast<size_t>(widest - spread.begin());
    digits_.push_back(static_cast<uint8_t>(axis));
    *widest = ++given[axis] == kMostDigitsOfAxis ? 0 : *widest / 2;
  }
}

uint64_t PointOrder::code_of(std::span<const double> raw) const {
  constexpr double kSteps = 1 << kMostDigitsOfAxis;
  std::array<uint32_t, kMostAxes> left{};  // the digits still to be given
  for (size_t a = 0; a < axes_.size(); ++a) {
    const Axis& axis = axes_[a];
    if (axis.high <= axis.low) continue;
    double place = std::clamp((raw[a] - axis.low) / (axis.high - axis.low) * kSteps, 0.0, kSteps - 1);
    left[a] = static_cast<uint32_t>(place) << (32 - kMostDigitsOfAxis);
  }
  uint64_t code = 0;
  for (uint8_t axis : digits_) {
    code = code << 1 | left[axis] >> 31;
    left[axis] <<= 1;
  }
  return code;
}

bool PointOrder::is_overtaken_by(const PointOrder& later) const {
  if (axes_.size() != later.axes_.size()) return true;
  for (size_t a = 0; a < axes_.size(); ++a) {
    // Of the first digits only: the last ones tell hosts apart that are alike in all but a little.
    constexpr ptrdiff_t kFirst = 12;
    auto count = [a, kFirst](const std::vector<uint8_t>& digits) {
      auto end = digits.begin() + std::min<ptrdiff_t>(kFirst, std::ssize(digits));
      return std::count(digits.begin(), end, static_cast<uint8_t>(a));
    };
    ptrdiff_t mine = count(digits_), its = count(later.digits_);
    if (std::abs(mine - its) > 1) return true;
    if (its == 0) continue;
    const Axis &was = axes_[a], &is = later.axes_[a];
    double common = std::min(was.high, is.high) - std::max(was.low, is.low);
    if (common * 2 < std::max(was.high - was.low, is.high - is.low)) return true;
  }
  return false;
}

}  // namespace kilonova::scheduler
