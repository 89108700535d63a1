// Hashes that OpenStack's answers are made of.
#pragma once

#include <string>
#include <string_view>

namespace kilonova::api::openstack {

// In hexadecimal, lower case.
std::string hex_of(std::string_view bytes);
std::string sha224_hex(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);

// 32 hexadecimal digits that are the same on every cloud: for what has no record of its own, such as a role's id.
std::string stable_id(std::string_view what);
// The same digits as a uuid is written.
std::string stable_uuid(std::string_view what);

}  // namespace kilonova::api::openstack
