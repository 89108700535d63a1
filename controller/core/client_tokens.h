// ClientTokens: which client token created what, as far as a retry can still ask. Loop thread only.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/keyed_map.h"
#include "domain/records.h"

namespace kilonova::controller {

// From its create on, whatever became of the servers; as long as EC2 keeps those of RunInstances. By the controller's
// wall clock, so that a restart does not begin it anew.
inline constexpr Duration kClientTokenLifetime = seconds(24 * 3600);

// Holds only what is committed, as every table.
class ClientTokens {
 public:
  // nullptr when there is none. Good until the token is erased.
  const ClientToken* find(const Uuid& project, const std::string& token) const;
  // The token must be new.
  void insert(ClientToken row);
  void erase(const Uuid& project, const std::string& token);
  // A project that is gone: none of its tokens is found or counted any more, at once and without a walk over them. The
  // rows stay in memory until older_than() brings them up, as those of all projects.
  void erase_project(const Uuid& project);

  size_t size() const;
  size_t count(const Uuid& project) const;
  // Those created before `time`, oldest first, at most `limit`: (project, token).
  std::vector<std::pair<Uuid, std::string>> older_than(WallTime time, size_t limit) const;

 private:
  KeyedMap<std::pair<Uuid, std::string>, ClientToken, PairHash> rows_;
  std::set<std::tuple<WallTime, Uuid, std::string>> by_age_;
  std::map<Uuid, size_t> counts_;  // by project, none of them 0
  std::map<Uuid, size_t> erased_;  // likewise, of projects that are gone
};

}  // namespace kilonova::controller
