#include "scheduler/core/drivers/driver.h"

#include <array>

#include "scheduler/core/drivers/chance.h"
#include "scheduler/core/drivers/filter.h"
#include "scheduler/core/drivers/simple.h"
#include "scheduler/core/drivers/zone.h"
#include "scheduler/core/registry.h"

namespace kilonova::scheduler {

namespace {

constexpr auto kDrivers = std::to_array<Row<Driver>>({
    row_of<Driver, FilterDriver>(),
    row_of<Driver, ChanceDriver>(),
    row_of<Driver, SimpleDriver>(),
    row_of<Driver, ZoneDriver>(),
});
static_assert(names_differ<Driver>(kDrivers));

}  // namespace

const std::vector<std::string_view>& driver_names() {
  static const std::vector<std::string_view> names = names_of<Driver>(kDrivers);
  return names;
}

std::unique_ptr<Driver> make_driver(const SchedulerOptions& options) {
  return make_from<Driver>(kDrivers, options.driver, options);
}

}  // namespace kilonova::scheduler
