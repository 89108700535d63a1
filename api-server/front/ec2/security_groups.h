// Security groups by their EC2 ids and names.
#pragma once

#include "api-server/front/ec2/call.h"
#include "api-server/front/ec2/refusal.h"
#include "api-server/front/ec2/security_rules.h"
#include "api-server/front/openstack/records.h"
#include "runtime/task.h"

namespace kilonova::api::ec2 {

// The project's, the default one first.
Task<Result<SecurityGroups>> all_groups(Ec2Call& call);
// Of these the one that GroupId or GroupName says. InvalidGroup.NotFound, InvalidGroupId.Malformed.
Result<openstack::StoredObject> named_group(const Parameter& parameters, const SecurityGroups& groups);
// Neutron's ids of the groups with these ids and names, each once.
Result<std::vector<std::string>> uuids_of_groups(const std::vector<std::string>& ids,
                                                 const std::vector<std::string>& names, const SecurityGroups& groups);

}  // namespace kilonova::api::ec2
