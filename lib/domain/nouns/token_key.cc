#include "domain/nouns/token_key.h"

#include <fmt/format.h>

#include "domain/form_rules.h"
#include "domain/token_key.h"

namespace kilonova {

Expected<> RotateTokenKey::check() const { return {}; }

Expected<> StoreTokenKey::check() const {
  if (signing_key.size() != kTokenKeyBytes)
    return refuse(fmt::format("the key that signs tokens has {} bytes, not {}", signing_key.size(), kTokenKeyBytes));
  return {};
}

}  // namespace kilonova
