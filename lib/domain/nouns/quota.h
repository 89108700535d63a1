// Quotas: how much of the cloud a project may use.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "domain/form_rules.h"
#include "domain/operation.h"
#include "domain/record.h"

namespace kilonova {

// -1 = unlimited (nova/quota.py).
struct Quota {
  static constexpr Record kRecord{"quotas", "project_id", "quota"};
  const Uuid& key() const { return project_id; }

  Uuid project_id;
  int64_t instances = 10;
  int64_t cores = 20;
  int64_t ram_mb = 51200;
  bool operator==(const Quota&) const = default;
};

template <class Io, RowOf<Quota> Row>
void visit(Io& io, Row& row) {
  io(row.project_id, row.instances, row.cores, row.ram_mb);
}

struct QuotaUsage {
  int64_t instances = 0;
  int64_t cores = 0;
  int64_t ram_mb = 0;
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
  std::string project;  // "" = the caller's

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const GetQuota&) const = default;
};

struct SetQuota {
  static constexpr Operation kOperation{"SetQuota", UserRole::kAdmin, Effect::kChanges};
  using Reply = QuotaReply;
  std::string project;  // "" = the caller's
  Quota quota;          // all three values
  bool force = false;   // also below what is used

  Expected<> check() const;
  bool operator==(const SetQuota&) const = default;
};

using QuotaOperations = TypeList<GetQuota, SetQuota>;

}  // namespace kilonova
