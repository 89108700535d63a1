#include "daemon/secret_variable.h"

#include <cstdlib>
#include <cstring>

namespace kilonova {

std::optional<std::string> take_secret_variable(const char* name) {
  char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  std::string secret = value;
  ::explicit_bzero(value, secret.size());
  ::unsetenv(name);
  return secret;
}

}  // namespace kilonova
