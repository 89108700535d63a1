// What a user may do in a project.
#pragma once

#include <cstdint>
#include <string_view>

namespace kilonova {

// Ordered: each role includes the ones below it, as Keystone's implied roles do.
enum class UserRole : uint8_t { kNone = 0, kReader = 1, kMember = 2, kAdmin = 3 };
std::string_view to_string(UserRole role);  // "reader"
UserRole parse_user_role(std::string_view name);  // kNone for an unknown name

}  // namespace kilonova
