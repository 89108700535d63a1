// What of a network interface filters compare: those of DescribeNetworkInterfaces, and of DescribeInstances those that
// begin with "network-interface.". Pure.
#pragma once

#include <span>
#include <string_view>

#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/interface.h"

namespace kilonova::api::ec2 {

// "vpc-id" is there without texts: it is of the call, not of a row.
std::span<const FilterRule<ShownInterface>> interface_filters();

}  // namespace kilonova::api::ec2
