// The limits that Nova has and this cloud does not count: constants, as far as a microversion still shows them.
#pragma once

#include <cstdint>

#include "domain/server_properties.h"

namespace kilonova::api::openstack {

inline constexpr int64_t kUnlimited = -1;
inline constexpr int64_t kKeyPairs = 100;  // the controller holds to it
inline constexpr int64_t kMetadataItems = kMaxMetadataItems;
inline constexpr int64_t kServerGroups = 10;
inline constexpr int64_t kServerGroupMembers = 10;
inline constexpr int64_t kInjectedFiles = 5;
inline constexpr int64_t kInjectedFileBytes = 10'240;
inline constexpr int64_t kInjectedPathBytes = 255;

}  // namespace kilonova::api::openstack
