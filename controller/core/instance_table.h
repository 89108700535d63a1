// The controller's working set of servers: what is committed, and nothing else. Flows change a copy of a row, commit it,
// and only then put it here, so a reader never sees what a crash could take back.
// Loop thread only. Pointers stay valid until that row is erased; their content changes with update().
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash_map.h"
#include "base/ids.h"
#include "controller/core/address_index.h"
#include "domain/instance.h"
#include "domain/nouns/quota.h"

namespace kilonova::controller {

// Every query says whose rows it may see. Another project's server is "not found".
struct ProjectScope {
  bool all_projects = false;
  Uuid project;

  bool contains(const Uuid& owner) const { return all_projects || owner == project; }
};

struct InstanceFilter {
  std::string name;    // substring, "" = any
  std::string status;  // "ACTIVE", "" = any
  std::string host;    // exact, "" = any
  uint32_t limit = 1000;
  int64_t before_id = INT64_MAX;  // the page starts below this row id
};

bool matches(const Instance& row, const InstanceFilter& filter);  // its position apart

struct InstancePage {
  std::vector<const Instance*> rows;
  bool more = false;
};

// How many deleted servers are remembered, so that a list that is read page by page goes on behind one of them.
inline constexpr size_t kErasedRemembered = 100'000;

class InstanceTable {
 public:
  // nullptr for an unknown uuid.
  const Instance* find(const Uuid& uuid) const;
  // Of one name in one project, oldest first.
  std::vector<const Instance*> find_by_name(const Uuid& project, std::string_view name) const;
  // The row id of a server of this scope, also of one that was erased in this life, as long as not kErasedRemembered
  // others were erased since. Nothing for another uuid.
  std::optional<int64_t> position_of(const Uuid& uuid, const ProjectScope& scope) const;
  // Newest first.
  InstancePage page(const ProjectScope& scope, const InstanceFilter& filter) const;

  void insert(Instance row);
  // The row must be there, with the same id and project.
  void update(Instance row);
  void erase(const Uuid& uuid);

  // Every row, oldest first.
  const std::map<int64_t, Instance>& rows() const { return by_id_; }
  size_t size() const { return by_id_.size(); }
  size_t unstable() const { return unstable_; }
  size_t count(VmState state) const {
    auto it = counts_.find(state);
    return it == counts_.end() ? 0 : it->second;
  }
  // Of one project.
  size_t size(const Uuid& project) const;
  size_t count(VmState state, const Uuid& project) const;
  // Of one host, oldest first: a walk over these rows, not over all.
  std::vector<const Instance*> on_host(const std::string& host) const;
  // Of one server group, oldest first: likewise.
  std::vector<const Instance*> in_group(const Uuid& group) const;
  // Another server with a guest whose row has one of these addresses or MACs, the one created first; nullptr when none
  // has.
  const Instance* other_with(const Uuid& uuid, const std::vector<Address>& addresses) const;
  bool addresses_are_unique() const { return addresses_.is_unique(); }
  // Rows of servers with a guest and addresses, by uuid: those behind `after` (nil = from the first on), up to
  // `through` (nil = to the last).
  std::vector<const Instance*> with_addresses(const Uuid& after, const Uuid& through) const;

  // Somebody spoke of a placement of this server. What is above all that its row has is of a history that the store has
  // lost: the next epoch goes above it. Of an unknown server, or absurdly high: ignored.
  void hear_epoch(const PlacementId& placement);
  // The highest that was heard; 0 when the row is above it, or nobody spoke.
  uint64_t heard_epoch(const Uuid& uuid) const;

  // What the project's rows use: kept up to date, not counted.
  QuotaUsage usage(const Uuid& project) const;
  // Of these, the rows that this user made.
  QuotaUsage usage(const Uuid& project, const Uuid& user) const;
  // Of every project that has rows.
  std::map<Uuid, QuotaUsage> usages() const;

 private:
  struct ProjectIndex {
    std::set<int64_t> ids;
    HashMap<std::string, std::vector<int64_t>> names;  // ids ascending
    QuotaUsage usage;
    std::map<Uuid, QuotaUsage> usage_of_users;
    std::map<VmState, size_t> counts;
  };

  struct Erased {
    int64_t id = 0;
    Uuid project;
  };

  // Into the index alone.
  void rename(const Instance& row, const std::string& name);
  void remember_erased(const Instance& row);
  // To its project's and its user's usage, by quota_of().
  void charge(const Instance& row, int64_t sign);
  void count_in(const Instance& row);
  void count_out(const Instance& row);

  std::map<int64_t, Instance> by_id_;
  HashMap<Uuid, Instance*> by_uuid_;
  std::map<Uuid, ProjectIndex> projects_;
  HashMap<std::string, std::set<int64_t>> hosts_;  // row ids, no set empty
  HashMap<Uuid, std::set<int64_t>> groups_;        // likewise
  HashMap<Uuid, Erased> erased_;
  std::deque<Uuid> erased_order_;  // the keys of erased_, oldest first
  size_t unstable_ = 0;
  std::map<VmState, size_t> counts_;
  AddressIndex addresses_;
  std::set<Uuid> addressed_;  // with a guest and addresses
  HashMap<Uuid, uint64_t> heard_epochs_;
};

}  // namespace kilonova::controller
