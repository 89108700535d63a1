#include "scheduler/core/drivers/zone.h"

#include "scheduler/core/drivers/shuffle.h"

namespace kilonova::scheduler {

ZoneDriver::ZoneDriver(const SchedulerOptions& options)
    : filters_({"UpFilter", "EnabledFilter", "AvailabilityZoneFilter"}, options) {}

std::vector<HostIndex> ZoneDriver::select_hosts(const HostManager& hosts, const SchedulingRequest& request,
                                                size_t wanted, Random& random, Decision& decision) const {
  return take_at_random(get_filtered_hosts(hosts, filters_.of(request), request, decision), wanted, random);
}

}  // namespace kilonova::scheduler
