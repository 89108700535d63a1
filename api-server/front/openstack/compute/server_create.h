// Nova: POST /servers.
#pragma once

#include "api-server/front/openstack/call.h"

namespace kilonova::api::openstack {

Task<Answered> create_server(Call& call);

}  // namespace kilonova::api::openstack
