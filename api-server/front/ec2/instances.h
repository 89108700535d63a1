// Instances as EC2 shows them, and how an action finds those that it is asked of.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api-server/front/ec2/call.h"
#include "api-server/front/ec2/instance_state.h"
#include "api-server/front/ec2/refusal.h"
#include "api-server/front/ec2/shown_instance.h"
#include "api-server/front/ec2/xml.h"
#include "domain/nouns/server.h"
#include "runtime/task.h"

namespace kilonova::api::ec2 {

// How long one that is gone is shown, as AWS says; as long as the controller remembers it (adr/0029).
inline constexpr Duration kTerminatedShown = seconds(3600);
// The caller's, newest first.
Task<Result<std::vector<ShownInstance>>> terminated_instances(Ec2Call& call);

// The caller's, those that were terminated too. InvalidInstanceID.Malformed for what is no id, .NotFound for one that
// is none's.
Task<Result<ShownInstance>> find_instance(Ec2Call& call, std::string id);
// All of them, or the first refusal.
Task<Result<std::vector<ShownInstance>>> find_instances(Ec2Call& call, std::vector<std::string> ids);

// Of each page of the list each one, those that were terminated left out, until `take` says that it wants no more.
Task<Result<void>> visit_instances(Ec2Call& call, ListServers list, std::function<bool(ShownInstance)> take);

// <code> and <name>.
void add_state(Xml parent, const char* name, InstanceState state);
// One <item> for each run of a reservation, whose instances are in <instancesSet>.
void add_reservations(Xml set, const std::vector<ShownInstance>& instances);
// What stands in such an item, or in RunInstances' reply.
void add_reservation(Xml item, std::vector<ShownInstance> instances);

}  // namespace kilonova::api::ec2
