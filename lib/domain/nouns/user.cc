#include "domain/nouns/user.h"

#include <fmt/format.h>

#include "domain/password_rule.h"

namespace kilonova {
namespace {

constexpr size_t kMaxPasswordLength = 1024;

}  // namespace

Expected<> check_password(std::string_view password) {
  if (password.empty()) return refuse("the password is empty");
  if (password.size() > kMaxPasswordLength)
    return refuse(fmt::format("the password has {} bytes; at most {} are allowed", password.size(),
                              kMaxPasswordLength));
  return {};
}

Expected<> FindUser::check() const { return check_all(check_text("the user", user), check_text("the project", project)); }

Expected<> ListUsers::check() const {
  return check_all(check_text("the user", user), check_limit(limit), check_text("the marker", marker));
}

Expected<> CreateUser::check() const { return check_all(check_name("the user's name", name), check_password(password)); }

// A hash begins with its method: what does not is a password that nobody hashed.
Expected<> StoreUser::check() const {
  if (!password_hash.starts_with("scrypt$")) return refuse("the password is not hashed");
  return check_name("the user's name", name);
}

Expected<> ReplaceUser::check() const {
  if (!password_hash.empty() && !password_hash.starts_with("scrypt$")) return refuse("the password is not hashed");
  return check_all(check_reference("user", user), check_name("the user's name", name));
}

Expected<> DeleteUser::check() const { return check_reference("user", user); }

Expected<> GrantRole::check() const {
  if (role > UserRole::kAdmin)
    return refuse(fmt::format("role {} is unknown; it must be none, reader, member or admin", static_cast<int>(role)));
  return check_all(check_reference("user", user), check_reference("project", project));
}

}  // namespace kilonova
