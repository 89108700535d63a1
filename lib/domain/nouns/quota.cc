#include "domain/nouns/quota.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

namespace kilonova {
namespace {

constexpr auto kLimits = std::to_array<QuotaLimit>({
    {"instances", &Quota::instances},
    {"cores", &Quota::cores},
    {"ram", &Quota::ram_mb},
    {"server_groups", &Quota::server_groups},
    {"server_group_members", &Quota::server_group_members},
    {"key_pairs", &Quota::key_pairs},
    {"metadata_items", &Quota::metadata_items},
    {"injected_files", &Quota::injected_files},
    {"injected_file_content_bytes", &Quota::injected_file_content_bytes},
    {"injected_file_path_bytes", &Quota::injected_file_path_bytes},
    {"fixed_ips", &Quota::fixed_ips, false},
    {"floating_ips", &Quota::floating_ips, false},
    {"security_groups", &Quota::security_groups},
    {"security_group_rules", &Quota::security_group_rules},
});

Expected<> check_user(const std::string& user, bool defaults) {
  if (user.empty()) return {};
  if (defaults) return refuse("the limits of projects that have none of their own are no user's");
  if (!parse_uuid(user)) return refuse(fmt::format("the user {} is no id", in_quotes(user)));
  return {};
}

}  // namespace

std::span<const QuotaLimit> quota_limits() { return kLimits; }

Quota unchanged_quota() {
  Quota quota;
  for (const QuotaLimit& limit : kLimits) quota.*limit.value = kLimitStays;
  return quota;
}

void set_limits(const Quota& wanted, Quota& quota) {
  for (const QuotaLimit& limit : kLimits)
    if (wanted.*limit.value != kLimitStays) quota.*limit.value = wanted.*limit.value;
}

Expected<> GetQuota::check() const { return check_all(check_text("the project", project), check_user(user, defaults)); }

// Whose a name is, the controller knows.
std::string_view GetQuota::admin_only(const RequestContext& context) const {
  std::optional<Uuid> id = parse_uuid(project);
  return id && *id != context.project_id ? "the quota of another project" : "";
}

Expected<> SetQuota::check() const {
  for (const QuotaLimit& limit : kLimits)
    if (quota.*limit.value != kLimitStays)
      if (auto good = check_amount("the quota of " + std::string(limit.name), quota.*limit.value, -1); !good)
        return good;
  return check_all(check_text("the project", project), check_user(user, defaults));
}

}  // namespace kilonova
