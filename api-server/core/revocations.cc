#include "api-server/core/revocations.h"

#include <algorithm>

namespace kilonova::api {

size_t Revocations::count_of(const Uuid& owner) const {
  return static_cast<size_t>(std::ranges::count_if(owners_, [&](const auto& entry) { return entry.second == owner; }));
}

void Revocations::begin_generation(const Uuid& user, uint64_t generation) {
  Generation& known = generations_[user];
  if (generation <= known.number) return;
  known = {generation, ++changes_};
}

uint64_t Revocations::generation_of(const Uuid& user) const {
  auto known = generations_.find(user);
  return known == generations_.end() ? 0 : known->second.number;
}

bool Revocations::has_changed(const Uuid& user, uint64_t since) const {
  auto known = generations_.find(user);
  return known != generations_.end() && known->second.change > since;
}

bool Revocations::covers(const TokenClaims& claims) const {
  if (owners_.contains(claims.audit_id)) return true;
  if (claims.delegation != Delegation::kNone && owners_.contains(claims.delegation_id)) return true;
  return claims.generation < generation_of(claims.user_id);
}

}  // namespace kilonova::api
