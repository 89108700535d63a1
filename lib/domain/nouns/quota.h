// Quotas: how much of the cloud a project may use.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "domain/form_rules.h"
#include "domain/operation.h"
#include "domain/record.h"

namespace kilonova {

// -1 = unlimited (nova/quota.py). That of no project (nil) is what projects have that have none of their own: Nova's
// quota class `default`.
struct Quota {
  static constexpr Record kRecord{"quotas", "project_id", "quota"};
  const Uuid& key() const { return project_id; }

  Uuid project_id;
  int64_t instances = 10;
  int64_t cores = 20;
  int64_t ram_mb = 51200;
  int64_t server_groups = 10;
  int64_t server_group_members = 10;  // of one group
  int64_t key_pairs = 100;            // of one user
  int64_t metadata_items = 128;       // of one server, or one image made of a server
  int64_t injected_files = 5;         // of one server, up to microversion 2.56
  int64_t injected_file_content_bytes = 10'240;
  int64_t injected_file_path_bytes = 255;
  // Shown as they were set; Neutron has the limits that count.
  int64_t fixed_ips = -1;
  int64_t floating_ips = -1;
  int64_t security_groups = -1;
  int64_t security_group_rules = -1;
  bool operator==(const Quota&) const = default;
};

template <class Io, RowOf<Quota> Row>
void visit(Io& io, Row& row) {
  io(row.project_id, row.instances, row.cores, row.ram_mb, row.server_groups, row.server_group_members, row.key_pairs,
     row.metadata_items, row.injected_files, row.injected_file_content_bytes, row.injected_file_path_bytes,
     row.fixed_ips, row.floating_ips, row.security_groups, row.security_group_rules);
}

// What one user may use of a project's quota. A limit that is not the user's own (kLimitStays) is the project's.
struct UserQuota {
  static constexpr Record kRecord{"user_quotas", "project_id, user_id", "user_quota"};
  std::pair<Uuid, Uuid> key() const { return {limits.project_id, user_id}; }

  Uuid user_id;
  Quota limits;
  bool operator==(const UserQuota&) const = default;
};

template <class Io, RowOf<UserQuota> Row>
void visit(Io& io, Row& row) {
  auto& own = row.limits;
  io(own.project_id, row.user_id, own.instances, own.cores, own.ram_mb, own.server_groups, own.server_group_members,
     own.key_pairs, own.metadata_items, own.injected_files, own.injected_file_content_bytes,
     own.injected_file_path_bytes, own.fixed_ips, own.floating_ips, own.security_groups, own.security_group_rules);
}

struct QuotaUsage {
  int64_t instances = 0;
  int64_t cores = 0;
  int64_t ram_mb = 0;
  int64_t server_groups = 0;  // in answers alone
  bool operator==(const QuotaUsage&) const = default;
};

struct QuotaReply {
  Quota quota;
  QuotaUsage usage;
  bool operator==(const QuotaReply&) const = default;
};

struct GetQuota {
  static constexpr Operation kOperation{"GetQuota", UserRole::kReader, Effect::kReads};
  using Reply = QuotaReply;
  std::string project;    // "" = the caller's
  bool defaults = false;  // those of projects that have none of their own
  std::string user = {};  // id: what this user may use of it, and uses; "" = all of the project

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const GetQuota&) const = default;
};

// Of SetQuota: this limit is not changed.
inline constexpr int64_t kLimitStays = INT64_MIN;
// Every limit so.
Quota unchanged_quota();
// Those of `wanted` that do not stay.
void set_limits(const Quota& wanted, Quota& quota);

// A limit by Nova's name of it, for rules that hold for each of them.
struct QuotaLimit {
  std::string_view name;
  int64_t Quota::* value;
  bool is_of_users = true;  // Nova has the others of whole projects alone (nova/db/main/api.py PER_PROJECT_QUOTAS)
};
std::span<const QuotaLimit> quota_limits();

struct SetQuota {
  static constexpr Operation kOperation{"SetQuota", UserRole::kAdmin, Effect::kChanges};
  using Reply = QuotaReply;
  std::string project;    // "" = the caller's
  Quota quota;            // its project is not read; kLimitStays: as it is
  bool force = false;     // also below what is used
  bool reset = false;     // the project has none of its own then, whatever is used
  bool defaults = false;  // those of projects that have none of their own
  std::string user = {};  // id: of this user in the project; "" = of the project

  Expected<> check() const;
  bool operator==(const SetQuota&) const = default;
};

using QuotaOperations = TypeList<GetQuota, SetQuota>;

}  // namespace kilonova
