// Hosts for the picture of the fleet, which may have a hundred thousand: a row of values each, and no names of fields.
#pragma once

#include <string>

#include "domain/nouns/host.h"

namespace kilonova::api::dashboard {

// {"columns":["name","zone",...],"hosts":[["host-1","nova",...],...],"more":true}
std::string host_page(const HostList& list);

}  // namespace kilonova::api::dashboard
