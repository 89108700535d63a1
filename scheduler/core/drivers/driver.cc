#include "scheduler/core/drivers/driver.h"

#include "base/check.h"
#include "scheduler/core/drivers/chance.h"
#include "scheduler/core/drivers/filter.h"
#include "scheduler/core/drivers/simple.h"
#include "scheduler/core/drivers/zone.h"

namespace kilonova::scheduler {

const std::vector<std::string_view>& driver_names() {
  static const std::vector<std::string_view> names = {"filter", "chance", "simple", "zone"};
  return names;
}

std::unique_ptr<Driver> make_driver(const SchedulerOptions& options) {
  if (options.driver == "filter") return std::make_unique<FilterDriver>(options);
  if (options.driver == "chance") return std::make_unique<ChanceDriver>(options);
  if (options.driver == "simple") return std::make_unique<SimpleDriver>(options);
  KN_CHECK(options.driver == "zone", "the options were not validated");
  return std::make_unique<ZoneDriver>(options);
}

}  // namespace kilonova::scheduler
