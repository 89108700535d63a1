// Times as OpenStack's services write them; null for one that is not set.
#pragma once

#include "api-server/front/openstack/json.h"
#include "base/time.h"

namespace kilonova::api::openstack {

Json time_to_seconds(WallTime time);    // "2026-01-02T03:04:05Z": servers' created, images
Json time_without_zone(WallTime time);  // "2026-01-02T03:04:05.000000": most of Nova
Json time_of_token(WallTime time);      // "2026-01-02T03:04:05.000000Z"

}  // namespace kilonova::api::openstack
