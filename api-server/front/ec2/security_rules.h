// Rules of security groups: as EC2 says and shows them, and as Neutron keeps them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api-server/front/ec2/parameters.h"
#include "api-server/front/ec2/refusal.h"
#include "api-server/front/ec2/xml.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/records.h"

namespace kilonova::api::ec2 {

// In EC2's form, in which two that mean the same are the same but for `uuid` and `description`.
struct SecurityRule {
  std::string uuid;  // Neutron's; "" = it is asked for
  bool is_egress = false;
  std::string protocol;  // "tcp", "udp", "icmp", "icmpv6", a number, or "-1" for all
  int64_t from = -1;     // a port, or the type of ICMP; -1 = all
  int64_t to = -1;       // likewise, or its code
  std::string cidr;      // of either version; "" = a group
  std::string group;     // Neutron's id of it
  std::string description;
};
bool mean_the_same(const SecurityRule& one, const SecurityRule& other);

using SecurityGroups = std::vector<openstack::StoredObject>;

std::string group_id(const openstack::StoredObject& group);
std::string group_name(const openstack::StoredObject& group);
std::string rule_id(const SecurityRule& rule);
// InvalidGroup.NotFound; InvalidParameterValue where several have the name, as Neutron's may.
Result<const openstack::StoredObject*> group_with_name(const SecurityGroups& groups, const std::string& name);

std::vector<SecurityRule> rules_of(const openstack::StoredObject& group);
// What Neutron is asked for.
openstack::Json neutron_rule(const SecurityRule& rule);

// Of IpPermissions, or of the parameters of one rule as before there were those. InvalidParameterValue and
// InvalidGroup.NotFound name what is wrong; `groups`: those that may be named, by id or name; `owner`: their account.
Result<std::vector<SecurityRule>> read_rules(const Parameter& parameters, bool is_egress, const SecurityGroups& groups,
                                             std::string_view owner);

// ipPermissions or ipPermissionsEgress: those of one protocol and range of ports in one item.
void add_permissions(Xml parent, const char* name, const std::vector<SecurityRule>& rules, std::string_view owner);

}  // namespace kilonova::api::ec2
