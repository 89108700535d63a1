// Times as OpenStack's services write them; null for one that is not set.
#pragma once

#include <optional>
#include <string_view>

#include "api-server/front/openstack/json.h"
#include "base/time.h"

namespace kilonova::api::openstack {

Json time_to_seconds(WallTime time);    // "2026-01-02T03:04:05Z": servers' created, images
Json time_without_zone(WallTime time);  // "2026-01-02T03:04:05.000000": most of Nova
Json time_of_token(WallTime time);      // "2026-01-02T03:04:05.000000Z"

// "2026-01-02T03:04:05" or "2026-01-02 03:04:05", with or without a fraction and Z, or a day alone. Nothing for another
// text.
std::optional<WallTime> parse_time(std::string_view text);

}  // namespace kilonova::api::openstack
