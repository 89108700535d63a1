// Server groups: servers whose hosts are chosen with regard to each other, as
// nova/api/openstack/compute/server_groups.py has them. A group's members are the servers whose request names it
// (RequestSpec::hints); the record has none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/form_rules.h"
#include "domain/operation.h"
#include "domain/record.h"
#include "domain/request_spec.h"

namespace kilonova {

struct ServerGroup {
  static constexpr Record kRecord{"server_groups", "id", "server_group"};
  const Uuid& key() const { return id; }

  Uuid id;
  Uuid project_id;
  Uuid user_id;
  std::string name;  // not unique
  GroupPolicy policy = GroupPolicy::kAffinity;
  uint32_t max_server_per_host = 0;  // of kAntiAffinity; 0 = not said, which means 1
  WallTime created_at;
  bool operator==(const ServerGroup&) const = default;
};

template <class Io, RowOf<ServerGroup> Row>
void visit(Io& io, Row& row) {
  io(row.id, row.project_id, row.user_id, row.name, row.policy, row.max_server_per_host, row.created_at);
}

// Nova's names: "affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity".
std::string_view to_string(GroupPolicy policy);
std::optional<GroupPolicy> find_group_policy(std::string_view name);

struct ServerGroupMember {
  Uuid group;
  Uuid instance;
  bool operator==(const ServerGroupMember&) const = default;
};

struct ServerGroupList {
  std::vector<ServerGroup> groups;         // by id
  bool more = false;                       // ask again with the last id as marker
  std::vector<ServerGroupMember> members;  // of these groups, each group's by creation
  bool operator==(const ServerGroupList&) const = default;
};

// `group` is an id or a name; a name that several groups of the project have is kConflict.

struct ListServerGroups {
  static constexpr Operation kOperation{"ListServerGroups", UserRole::kReader, Effect::kReads};
  using Reply = ServerGroupList;
  std::string group;          // "" = all
  bool all_projects = false;  // admins
  uint32_t limit = kMaxPageSize;
  std::string marker;  // id of the last one of the page before

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const ListServerGroups&) const = default;
};

struct CreateServerGroup {
  static constexpr Operation kOperation{"CreateServerGroup", UserRole::kMember, Effect::kChanges};
  using Reply = ServerGroupList;
  std::string name;
  GroupPolicy policy = GroupPolicy::kAffinity;
  uint32_t max_server_per_host = 0;  // of kAntiAffinity; 0 = not said

  Expected<> check() const;
  bool operator==(const CreateServerGroup&) const = default;
};

// Its members stay where they are, and are in no group then.
struct DeleteServerGroup {
  static constexpr Operation kOperation{"DeleteServerGroup", UserRole::kMember, Effect::kChanges};
  using Reply = Empty;
  std::string group;
  bool all_projects = false;  // admins

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const DeleteServerGroup&) const = default;
};

using ServerGroupOperations = TypeList<ListServerGroups, CreateServerGroup, DeleteServerGroup>;

}  // namespace kilonova
