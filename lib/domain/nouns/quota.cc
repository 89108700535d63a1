#include "domain/nouns/quota.h"

#include <optional>


namespace kilonova {

Expected<> GetQuota::check() const { return check_text("the project", project); }

// Whose a name is, the controller knows.
std::string_view GetQuota::admin_only(const RequestContext& context) const {
  std::optional<Uuid> id = parse_uuid(project);
  return id && *id != context.project_id ? "the quota of another project" : "";
}

Expected<> SetQuota::check() const {
  return check_all(check_text("the project", project), check_amount("the quota of instances", quota.instances, -1),
                   check_amount("the quota of cores", quota.cores, -1),
                   check_amount("the quota of ram (MiB)", quota.ram_mb, -1));
}

}  // namespace kilonova
