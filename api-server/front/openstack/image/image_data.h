// Which requests bring an image's bytes: their bodies are streamed.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kilonova::api::openstack {

inline constexpr std::string_view kOctets = "application/octet-stream";

// `path`: below Glance's root.
bool takes_image_bytes(std::string_view method, std::span<const std::string> path);

}  // namespace kilonova::api::openstack
