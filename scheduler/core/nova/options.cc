#include "scheduler/core/nova/options.h"

#include <string_view>

#include "scheduler/core/python_values.h"

namespace kilonova::scheduler::nova {

std::vector<std::pair<std::string, double>> parse_weight_setting(const std::vector<std::string>& setting) {
  std::vector<std::pair<std::string, double>> metrics;
  for (const std::string& item : setting) {
    const size_t equals = item.find('=');
    if (equals == item.npos || equals == 0) continue;
    if (auto ratio = python_float(std::string_view(item).substr(equals + 1)))
      metrics.emplace_back(item.substr(0, equals), *ratio);
  }
  return metrics;
}

}  // namespace kilonova::scheduler::nova
