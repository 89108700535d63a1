#include "cli/load/work_project.h"

#include <fmt/format.h>

#include "daemon/incarnation.h"

namespace kilonova::cli {

Expected<WorkProject> open_work_project(Session& admin, const std::string& user, const std::string& name,
                                        const std::string& prefix) {
  WorkProject project{.name = name, .session = nullptr};
  if (name.empty()) project.name = fmt::format("{}-{:08x}", prefix, static_cast<uint32_t>(system_random()));
  v1::CreateProjectRequest create;
  create.set_name(project.name);
  create.set_description("made by kilonova " + prefix);
  auto created = admin.call(&v1::Cloud::Stub::CreateProject, create);
  bool there = !created && !name.empty() && created.error().code == ErrorCode::kAlreadyExists;
  if (!created && !there) return std::unexpected(created.error());
  project.created = !there;
  if (project.created) {
    v1::GrantRoleRequest grant;
    grant.set_user(user);
    grant.set_project(project.name);
    grant.set_role(v1::USER_ROLE_ADMIN);
    if (auto granted = admin.call(&v1::Cloud::Stub::GrantRole, grant); !granted)
      return std::unexpected(granted.error());
    v1::SetQuotaRequest quota;
    quota.set_project(project.name);
    quota.set_instances(-1);
    quota.set_cores(-1);
    quota.set_ram_mb(-1);
    if (auto set = admin.call(&v1::Cloud::Stub::SetQuota, quota); !set) return std::unexpected(set.error());
  }
  project.session = admin.in_project(project.name);
  if (auto ready = project.session->log_in(); !ready) {
    // The same name and password were good for the project of `admin` a moment ago.
    if (!there || ready.error().code != ErrorCode::kUnauthenticated) return std::unexpected(ready.error());
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("user '{0}' has no role in project '{1}': kilonova role add --user {0} --project {1} admin",
                            user, name));
  }
  return project;
}

Expected<> delete_work_project(Session& admin, WorkProject& project) {
  project.session->forget_cached_token();
  v1::DeleteProjectRequest request;
  request.set_project(project.name);
  auto reply = admin.call(&v1::Cloud::Stub::DeleteProject, request);
  if (!reply) return std::unexpected(reply.error());
  return {};
}

}  // namespace kilonova::cli
