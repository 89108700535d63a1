// What a client may say of an image: the formats, lengths and bounds of glance/api/v2/images.py and its configuration.
#pragma once

#include <string>
#include <string_view>

#include "api-server/front/openstack/answer.h"

namespace kilonova::api::openstack {

inline constexpr size_t kMaxImageProperties = 128;  // Glance's image_property_quota
inline constexpr size_t kMaxImageTags = 128;        // image_tag_quota
inline constexpr size_t kMaxImageMembers = 128;     // image_member_quota

// "Provided object does not match schema 'image': ...", 400.
std::unexpected<Refusal> breaks_schema(std::string_view schema, std::string_view why);

}  // namespace kilonova::api::openstack
