// Where in the project's networks a launch puts its instances: SubnetId, PrivateIpAddress, NetworkInterface.N.
#pragma once

#include <string>
#include <vector>

#include "api-server/front/ec2/call.h"
#include "api-server/front/ec2/refusal.h"
#include "api-server/front/openstack/compute/server_nics.h"
#include "domain/nouns/server.h"
#include "runtime/task.h"

namespace kilonova::api::ec2 {

// Into `wanted`, with the security groups, and the ports that were made for it: drop_ports() where the launch is
// refused, give_ports() where it is not.
Task<Result<openstack::WantedNics>> read_networks(Ec2Call& call, CreateServers& wanted);

}  // namespace kilonova::api::ec2
