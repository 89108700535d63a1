// The network interfaces of instances, and how any is shown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/ec2/call.h"
#include "api-server/front/ec2/interface.h"
#include "api-server/front/ec2/parameters.h"
#include "api-server/front/ec2/refusal.h"
#include "api-server/front/ec2/shown_instance.h"
#include "api-server/front/ec2/xml.h"
#include "domain/instance.h"
#include "runtime/task.h"

namespace kilonova::api::ec2 {

// Where the network-controller cannot be asked, they are what the servers' rows say.
Task<std::vector<ShownInstance>> with_interfaces(Ec2Call& call, std::vector<Instance> servers,
                                                 std::vector<ServerProperties> properties);

// Every interface of the project's.
Task<Result<std::vector<ShownInterface>>> all_interfaces(Ec2Call& call);

// Description and InterfaceType of one that is to be made. `prefix`: of their names in a refusal.
Result<void> check_new_interface(const Parameter& parameters, std::string_view prefix);
std::unexpected<Refusal> interface_in_use(const std::string& id);

std::string interface_id(const ShownInterface& shown);
std::string attachment_id(const ShownInterface& shown);
// groupSet.
void add_groups(Xml parent, const std::vector<GroupOfInterface>& groups);
// attachment, of one that an instance has.
void add_attachment(Xml parent, const ShownInterface& shown);
void add_interface(Xml item, const ShownInterface& shown, const std::string& vpc);

}  // namespace kilonova::api::ec2
