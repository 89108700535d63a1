#include "scheduler/core/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "domain/form_rules.h"
#include "scheduler/core/drivers/driver.h"
#include "scheduler/core/filters/filter.h"
#include "scheduler/core/weighers/weigher.h"

namespace kilonova::scheduler {
namespace {

Expected<> check_number(std::string_view name, double value, bool positive) {
  if (std::isfinite(value) && (!positive || value > 0)) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} is {}; it must be a {}", name, value, positive ? "number above 0" : "finite number"));
}

Expected<> check_name(std::string_view what, const std::string& name, const std::vector<std::string_view>& known) {
  if (std::find(known.begin(), known.end(), name) != known.end()) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} '{}' is unknown; there are: {}", what, name, fmt::join(known, ", ")));
}

}  // namespace

Expected<> validate(const SchedulerOptions& options) {
  if (auto known = check_name("scheduler driver", options.driver, driver_names()); !known) return known;
  for (const std::string& name : options.enabled_filters)
    if (auto known = check_name("filter", name, filter_names()); !known) return known;
  for (const std::string& name : options.enabled_weighers)
    if (auto known = check_name("weigher", name, weigher_names()); !known) return known;
  struct Number {
    std::string_view name;
    double value;
    bool positive;
  };
  for (const Number& number :
       {Number{"cpu_weight_multiplier", options.cpu_weight_multiplier, false},
        Number{"ram_weight_multiplier", options.ram_weight_multiplier, false},
        Number{"disk_weight_multiplier", options.disk_weight_multiplier, false},
        Number{"soft_affinity_weight_multiplier", options.soft_affinity_weight_multiplier, false},
        Number{"soft_anti_affinity_weight_multiplier", options.soft_anti_affinity_weight_multiplier, false},
        Number{"cpu_allocation_ratio", options.ratios.vcpus, true},
        Number{"ram_allocation_ratio", options.ratios.memory, true},
        Number{"disk_allocation_ratio", options.ratios.disk, true}})
    if (auto checked = check_number(number.name, number.value, number.positive); !checked) return checked;
  if (options.host_subset_size == 0 || options.max_attempts == 0)
    return fail(ErrorCode::kInvalidArgument, "host_subset_size and max_attempts must be at least 1");
  if (options.max_cores < 1)
    return fail(ErrorCode::kInvalidArgument, fmt::format("max_cores is {}; it must be at least 1", options.max_cores));
  if (options.debit_expiry.us <= 0 || options.report_interval.us <= 0)
    return fail(ErrorCode::kInvalidArgument, "debit_expiry and report_interval must be longer than 0");
  return {};
}

}  // namespace kilonova::scheduler
