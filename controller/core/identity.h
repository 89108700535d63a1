// Projects, users, roles and quotas. Password hashes come in ready; they leave only towards the api-server's log-in.
// Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/api.h"

namespace kilonova::controller {

class Identity {
 public:
  explicit Identity(ControllerWorld& world) : world_(world) {}

  // Everything a log-in needs; kNotFound for an unknown user, project or missing role, told apart nowhere else.
  Expected<ApiResponse> find_user(const FindUser& request) const;
  Expected<ApiResponse> list(const ListProjects& request) const;
  Expected<ApiResponse> list(const ListUsers& request) const;
  Task<Expected<ApiResponse>> create(CreateProject request);
  // kConflict while the project has servers.
  Task<Expected<ApiResponse>> remove(DeleteProject request);
  Task<Expected<ApiResponse>> create(CreateUser request);
  Task<Expected<ApiResponse>> remove(DeleteUser request);
  Task<Expected<ApiResponse>> grant(GrantRole request);
  Expected<ApiResponse> quota(const GetQuota& request, const RequestContext& context) const;
  Task<Expected<ApiResponse>> set_quota(SetQuota request);

 private:
  ControllerWorld& world_;
};

}  // namespace kilonova::controller
