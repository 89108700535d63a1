// The subnets of a project's VPC: those of the networks that its servers may be on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/ec2/call.h"
#include "api-server/front/ec2/refusal.h"
#include "api-server/front/openstack/network/parts.h"
#include "runtime/task.h"

namespace kilonova::api::ec2 {

struct ShownSubnet {
  openstack::StoredSubnet subnet;
  bool is_own = false;        // the project's, and not another's
  bool is_shared = false;     // its network is everybody's
  bool is_default = false;    // an instance of which nothing is said is on it
  size_t of_its_version = 1;  // how many of its version of IP its network has
  bool is_6() const { return subnet.row.cidr.contains(':'); }
};
std::string subnet_id(const ShownSubnet& shown);

Task<Result<std::vector<ShownSubnet>>> all_subnets(Ec2Call& call);

// The smallest network of IPv4 that has all of these; "0.0.0.0/0" where nothing is smaller. Pure.
std::string smallest_around(const std::vector<std::string>& cidrs);
// Of these subnets: the VPC's block.
std::string block_of(const std::vector<ShownSubnet>& subnets);

}  // namespace kilonova::api::ec2
