// Nova's microversions: which one a request asks for (nova/api/openstack/api_version_request.py, microversion_parse).
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace kilonova::api::openstack {

// 2.minor.
using Minor = uint16_t;
inline constexpr Minor kFirstMinor = 1;
inline constexpr Minor kLastMinor = 93;  // Zed

inline constexpr std::string_view kVersionHeader = "OpenStack-API-Version";
inline constexpr std::string_view kNovaVersionHeader = "X-OpenStack-Nova-API-Version";

struct VersionRefusal {
  unsigned status = 400;  // 400: not of the form; 406: out of the range
  std::string message;
  std::string asked;  // echoed in the headers when it was a version; "" = nothing is
};

// What OpenStack-API-Version says of a service, "2.79" of "compute 2.79, volume 3.1"; "" when it says nothing.
std::string version_asked(const http::Request& request, std::string_view service);
// A part of a version, without leading zeros: Nova's form is ^([1-9]\d*)\.([1-9]\d*|0)$. Nothing for any other text.
std::optional<uint32_t> version_number(std::string_view text);

// `last`: the newest that this cloud answers. OpenStack-API-Version wins; without either header it is 2.1.
std::expected<Minor, VersionRefusal> negotiate(const http::Request& request, Minor last);

}  // namespace kilonova::api::openstack
