// Users and their roles. Password hashes come in ready; they leave only towards the api-server's log-in. Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/nouns/user.h"
#include "domain/operation.h"

namespace kilonova::controller {

class Users {
 public:
  explicit Users(ControllerWorld& world) : world_(world) {}

  // Everything a log-in needs; kNotFound for an unknown user, project or missing role, told apart nowhere else. A user
  // without any role is found where no project is named, with the role kNone.
  Expected<FoundUser> handle(const FindUser& request, const RequestContext& context) const;
  Expected<UserList> handle(const ListUsers& request, const RequestContext& context) const;
  // kAlreadyExists for a taken name.
  Task<Expected<UserList>> handle(StoreUser request, RequestContext context);
  Task<Expected<UserList>> handle(ReplaceUser request, RequestContext context);
  Task<Expected<Empty>> handle(DeleteUser request, RequestContext context);
  Task<Expected<Empty>> handle(GrantRole request, RequestContext context);

 private:
  ControllerWorld& world_;
};

}  // namespace kilonova::controller
