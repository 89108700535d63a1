// How raw weights become numbers between 0 and 1. Nova: nova/weights.py.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace kilonova::scheduler {

// The raw value as it is normalised and shown: not below minval.
inline double clamped(double raw, std::optional<double> minval) { return minval ? std::max(raw, *minval) : raw; }

// nova/weights.py normalize, of one value: (x - lo) / (hi - lo), 0 when lo equals hi. Never falls when the value rises.
inline double normalized(double raw, double low, double high) { return low == high ? 0.0 : (raw - low) / (high - low); }

// The same of all, in place: raw values below minval become minval, then normalized() with lo = minval or the
// least, hi the greatest. Raw values are left clamped in `raw`.
std::vector<double> normalize(std::span<double> raw, std::optional<double> minval);

}  // namespace kilonova::scheduler
