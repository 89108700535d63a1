// What the simulation's clients ask of a server, made of the rows of domain/server_actions.h.
#pragma once

#include <string>
#include <vector>

#include "domain/api.h"
#include "domain/server_actions.h"

namespace kilonova::sim {

// The actions that somebody can ask for, in the order of their rows.
const std::vector<const ServerActionInfo*>& asked_actions();

// The operation that asks for one of them.
ApiRequest request_of(const ServerActionInfo& action, const std::string& server);

}  // namespace kilonova::sim
