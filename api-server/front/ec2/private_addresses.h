// The private addresses of a network interface that is to be made. Pure.
#pragma once

#include <string>
#include <vector>

#include "api-server/front/ec2/parameters.h"
#include "api-server/front/ec2/refusal.h"

namespace kilonova::api::ec2 {

// Of PrivateIpAddress, PrivateIpAddresses and SecondaryPrivateIpAddressCount: the primary one, and the others; "" =
// any.
// InvalidParameterCombination, InvalidParameterValue, PrivateIpAddressLimitExceeded.
Result<std::vector<std::string>> read_private_addresses(const Parameter& parameters);

// What OpenStack's front refused of addresses and ports, where EC2 has a code of its own.
Refusal of_addresses(const openstack::Refusal& refusal);

}  // namespace kilonova::api::ec2
