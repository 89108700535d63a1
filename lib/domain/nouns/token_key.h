// The keys that a cloud's tokens are signed with: the newest signs, those before it still prove what they signed.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "domain/operation.h"

namespace kilonova {

struct TokenKeyCount {
  uint32_t keys = 0;  // that tokens are good by, the one that signs included
  bool operator==(const TokenKeyCount&) const = default;
};

// As keystone-manage fernet_rotate: a new key signs from now on. The api-server draws it and asks StoreTokenKey.
struct RotateTokenKey {
  static constexpr Operation kOperation{"RotateTokenKey", UserRole::kAdmin, Effect::kChanges, DecidedBy::kApi};
  using Reply = TokenKeyCount;
  bool revoke_older = false;  // every token that was signed until now is good no more

  Expected<> check() const;
  bool operator==(const RotateTokenKey&) const = default;
};

struct StoreTokenKey {
  static constexpr Operation kOperation{"StoreTokenKey", UserRole::kAdmin, Effect::kChanges, DecidedBy::kController,
                                        AskedBy::kApiServer};
  using Reply = TokenKeyCount;
  std::string signing_key;  // kTokenKeyBytes; never logged
  bool revoke_older = false;

  Expected<> check() const;
  bool operator==(const StoreTokenKey&) const = default;
};

using TokenKeyOperations = TypeList<RotateTokenKey, StoreTokenKey>;

}  // namespace kilonova
