// Revocations: which tokens are good for nothing before their time: one, all that were got with a trust or an
// application credential, or all that a user had before its password changed. In memory; ApiCore keeps them in the
// controller too. No clock is compared with another's: a user's tokens are counted in generations. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "api-server/core/token.h"
#include "base/ids.h"
#include "base/time.h"

namespace kilonova::api {

class Revocations {
 public:
  // `id`: of a token (its audit id), a trust or an application credential; `owner`: the user that it is counted for;
  // `now`: of the steady clock.
  void add(const Uuid& id, const Uuid& owner, Instant now) {
    owners_[id] = owner;
    known_since_.try_emplace(id, now);
  }
  // What has expired, of either kind.
  void forget(const Uuid& id) {
    owners_.erase(id);
    generations_.erase(id);
    known_since_.erase(id);
  }
  // How long this process has known of it, of either kind. A wall clock that jumps makes no revocation end early.
  Duration known_for(const Uuid& id, Instant now) { return now - known_since_.try_emplace(id, now).first->second; }
  size_t count_of(const Uuid& owner) const;

  // Tokens of earlier ones are good for nothing. It never goes down.
  void begin_generation(const Uuid& user, uint64_t generation);
  uint64_t generation_of(const Uuid& user) const;

  // How many generations were begun so far, and whether one of this user's was begun since there were so many.
  uint64_t changes() const { return changes_; }
  bool has_changed(const Uuid& user, uint64_t since) const;

  bool covers(const TokenClaims& claims) const;

 private:
  struct Generation {
    uint64_t number = 0;
    uint64_t change = 0;  // the how manieth of all
  };
  std::map<Uuid, Uuid> owners_;  // of what is revoked by itself
  std::map<Uuid, Generation> generations_;
  std::map<Uuid, Instant> known_since_;
  uint64_t changes_ = 0;
};

}  // namespace kilonova::api
