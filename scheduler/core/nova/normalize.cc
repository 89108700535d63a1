#include "scheduler/core/nova/normalize.h"

namespace kilonova::scheduler {

std::vector<double> normalize(std::span<double> raw, std::optional<double> minval) {
  std::vector<double> result(raw.size(), 0.0);
  if (raw.empty()) return result;
  for (double& value : raw) value = clamped(value, minval);
  double low = minval ? *minval : *std::min_element(raw.begin(), raw.end());
  double high = *std::max_element(raw.begin(), raw.end());
  for (size_t i = 0; i < raw.size(); ++i) result[i] = normalized(raw[i], low, high);
  return result;
}

}  // namespace kilonova::scheduler
