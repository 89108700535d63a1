#include "domain/user_role.h"

namespace kilonova {

std::string_view to_string(UserRole role) {
  switch (role) {
    case UserRole::kNone: return "none";
    case UserRole::kReader: return "reader";
    case UserRole::kMember: return "member";
    case UserRole::kAdmin: return "admin";
  }
  return "unknown";
}

UserRole parse_user_role(std::string_view name) {
  for (auto role : {UserRole::kReader, UserRole::kMember, UserRole::kAdmin})
    if (to_string(role) == name) return role;
  return UserRole::kNone;
}

}  // namespace kilonova
