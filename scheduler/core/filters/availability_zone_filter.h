// AvailabilityZoneFilter: the host is in the zone that was asked for; no zone asked for passes everywhere. Nova's class
// of that name until 27; since then Placement's member_of does it.
#pragma once

#include "scheduler/core/filters/filter.h"

namespace kilonova::scheduler {

class AvailabilityZoneFilter final : public AttributesFilter {
 public:
  static constexpr std::string_view kName = "AvailabilityZoneFilter";
  std::string_view name() const override { return kName; }
  bool passes(const Attributes& attributes, const SchedulingRequest& request) const override {
    const std::string& zone = request.spec.availability_zone;
    return zone.empty() || attributes.zone == zone;
  }
};

}  // namespace kilonova::scheduler
