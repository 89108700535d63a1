// The small tables, whole in memory: flavors, images, key pairs, projects, users, roles, quotas, hosts, tokens, networks.
// Loop thread only. Like InstanceTable they hold only what is committed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "controller/core/client_tokens.h"
#include "domain/client_token.h"
#include "domain/net.h"
#include "domain/nouns/fault_rule.h"
#include "domain/nouns/host.h"
#include "domain/nouns/image.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/user.h"
#include "domain/resources.h"
#include "domain/stored_records.h"
#include "domain/user_role.h"
#include "ports/controller_store.h"

namespace kilonova::controller {

// How the rows of a record are kept: by key, unless said otherwise.
template <class Row>
struct RecordTable {
  using Type = std::map<KeyOf<Row>, Row>;
};
template <>
struct RecordTable<Host> {
  using Type = std::map<std::string, Host>;  // by name
};
template <>
struct RecordTable<ClientToken> {
  using Type = ClientTokens;
};
// The fault book has them.
template <>
struct RecordTable<FaultRule> {
  struct Type {};
};
template <>
struct RecordTable<FaultHit> {
  struct Type {};
};

template <class Rows>
struct TablesOf;
template <class... Rows>
struct TablesOf<TypeList<Rows...>> {
  using Type = std::tuple<typename RecordTable<Rows>::Type...>;
};

class RecordTables {
 public:
  template <class Row>
  typename RecordTable<Row>::Type& of() {
    return std::get<kPositionIn<Row, StoredRecords>>(tables_);
  }
  template <class Row>
  const typename RecordTable<Row>::Type& of() const {
    return std::get<kPositionIn<Row, StoredRecords>>(tables_);
  }

  std::map<Uuid, Network> networks;  // the network-controller's, as last told
  bool networks_heard = false;

  // By id or name; nullptr when there is none. Of private flavors (unless `also_private`) those that the project was
  // given access to (nova/api/openstack/compute/flavors.py).
  const Flavor* find_flavor(std::string_view id_or_name, bool also_private, const Uuid& project = {}) const;
  // By id what the project may use (`also_all`: any), by name what its lists have (the first by id where several have
  // the name).
  const Image* find_image(std::string_view id_or_name, const Uuid& project, bool also_all = false) const;
  const Project* find_project(std::string_view id_or_name) const;
  const User* find_user(std::string_view id_or_name) const;
  const Network* find_network(std::string_view id_or_name, const Uuid& project) const;
  // Networks that servers of the project may use: its own and shared ones, not external ones.
  std::vector<const Network*> usable_networks(const Uuid& project) const;
  Quota quota(const Uuid& project) const;
  // What one user may use of it: the user's own limits, and the project's where it has none of its own.
  Quota quota(const Uuid& project, const Uuid& user) const;
  bool has_own_quota(const Uuid& project, const Uuid& user) const { return of<UserQuota>().contains({project, user}); }
  UserRole role(const Uuid& user, const Uuid& project) const;
  // A zone that some enabled host is in (Nova: availability is not asked of heartbeats).
  bool zone_exists(std::string_view zone) const;
  // That of an aggregate which has the host and a zone; else the host's own.
  const std::string& zone_of(const Host& host) const;
  // "" when there is none.
  const std::string& setting(const std::string& name) const;

 private:
  TablesOf<StoredRecords>::Type tables_;
};

RecordTables to_tables(const ControllerState& state);

}  // namespace kilonova::controller
