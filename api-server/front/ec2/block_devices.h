// BlockDeviceMapping of RunInstances: an instance has a root disk, of its type's size, and no volumes.
#pragma once

#include "api-server/front/ec2/parameters.h"
#include "domain/nouns/flavor.h"

namespace kilonova::api::ec2 {

inline constexpr std::string_view kRootDeviceName = "/dev/vda";

// Takes what describes an instance of this type as it will be: its root device, devices that it is to be without, and
// instance stores, which AWS passes over too where a type has none. MissingParameter without a DeviceName,
// InvalidBlockDeviceMapping for what says nothing, or of one device twice, InvalidSnapshot.NotFound for a snapshot, and
// UnsupportedOperation for what an instance cannot have.
Result<void> check_block_devices(const Parameter& parameters, const Flavor& type);

}  // namespace kilonova::api::ec2
