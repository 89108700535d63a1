// ClientTokens: which client token created what, as far as a retry can still ask. Loop thread only.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/keyed_map.h"
#include "domain/client_token.h"

namespace kilonova::controller {

// From its create on, whatever became of the servers; as long as EC2 keeps those of RunInstances. Elapsed time
// (base/elapsed_clock.h), which created_at is a stamp of: a wall clock that jumps must not let a retry create again.
inline constexpr Duration kClientTokenLifetime = seconds(24 * 3600);

// Holds only what is committed, as every table.
class ClientTokens {
 public:
  // nullptr when there is none. Good until the token is erased.
  const ClientToken* find(const Uuid& project, const std::string& token) const;
  // The token must be new.
  void insert(ClientToken row);
  void erase(const Uuid& project, const std::string& token);

  size_t size() const { return rows_.size(); }
  size_t count(const Uuid& project) const;
  // The newest stamp; nothing without tokens.
  std::optional<WallTime> newest() const {
    return by_age_.empty() ? std::nullopt : std::optional(std::get<WallTime>(*by_age_.rbegin()));
  }
  // Those created before `time`, oldest first, at most `limit`: (project, token).
  std::vector<std::pair<Uuid, std::string>> older_than(WallTime time, size_t limit) const;

 private:
  KeyedMap<std::pair<Uuid, std::string>, ClientToken, PairHash> rows_;
  std::set<std::tuple<WallTime, Uuid, std::string>> by_age_;
  std::map<Uuid, size_t> counts_;  // by project, none of them 0
};

}  // namespace kilonova::controller
