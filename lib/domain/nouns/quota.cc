#include "domain/nouns/quota.h"

#include <array>
#include <optional>
#include <utility>

namespace kilonova {
namespace {

struct Limit {
  std::string_view name;
  int64_t Quota::* value;
};
constexpr auto kLimits = std::to_array<Limit>({
    {"instances", &Quota::instances},
    {"cores", &Quota::cores},
    {"ram (MiB)", &Quota::ram_mb},
    {"server groups", &Quota::server_groups},
    {"servers of a group", &Quota::server_group_members},
    {"key pairs", &Quota::key_pairs},
    {"metadata items", &Quota::metadata_items},
    {"injected files", &Quota::injected_files},
    {"bytes of an injected file", &Quota::injected_file_content_bytes},
    {"bytes of an injected file's path", &Quota::injected_file_path_bytes},
    {"fixed addresses", &Quota::fixed_ips},
    {"floating addresses", &Quota::floating_ips},
    {"security groups", &Quota::security_groups},
    {"rules of a security group", &Quota::security_group_rules},
});

}  // namespace

Quota unchanged_quota() {
  Quota quota;
  for (const Limit& limit : kLimits) quota.*limit.value = kLimitStays;
  return quota;
}

void set_limits(const Quota& wanted, Quota& quota) {
  for (const Limit& limit : kLimits)
    if (wanted.*limit.value != kLimitStays) quota.*limit.value = wanted.*limit.value;
}

Expected<> GetQuota::check() const { return check_text("the project", project); }

// Whose a name is, the controller knows.
std::string_view GetQuota::admin_only(const RequestContext& context) const {
  std::optional<Uuid> id = parse_uuid(project);
  return id && *id != context.project_id ? "the quota of another project" : "";
}

Expected<> SetQuota::check() const {
  for (const Limit& limit : kLimits)
    if (quota.*limit.value != kLimitStays)
      if (auto good = check_amount("the quota of " + std::string(limit.name), quota.*limit.value, -1); !good)
        return good;
  return check_text("the project", project);
}

}  // namespace kilonova
