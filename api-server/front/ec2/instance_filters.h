// By what instances are told apart. Pure.
#pragma once

#include <span>

#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/shown_instance.h"

namespace kilonova::api::ec2 {

std::span<const FilterRule<ShownInstance>> instance_filters();

// Whether one that was terminated, which has no interfaces, may pass: if not, nobody need be asked for those.
bool may_be_terminated(const std::vector<Filter>& filters);

}  // namespace kilonova::api::ec2
