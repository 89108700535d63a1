// What Nova's API says of an action before it begins, and where it ends: of the rows of domain/server_actions.h.
#pragma once

#include <string_view>

#include "domain/server_actions.h"
#include "domain/states.h"

namespace kilonova {

// "os-migrateLive": what a refusal calls it (nova/api/openstack/compute). Nearly always as it is recorded.
std::string_view method_of(const ServerActionInfo& action);
// Nova looks whether it has a host before it looks at its state (nova/compute/api.py check_instance_host).
bool asks_for_host_first(const ServerActionInfo& action);
// The state of a server that began it in `from`, when it is done; a resized one's guest runs.
VmState state_after(const ServerActionInfo& action, VmState from);

}  // namespace kilonova
