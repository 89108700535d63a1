// Users and roles on the wire: between daemons, and as clients see them.
#pragma once

#include "domain/nouns/user.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"
#include "rpc/convert/nouns/projects.h"

namespace kilonova::rpc {

KN_RECORD_MESSAGE(User, UserRecord)
KN_RECORD_MESSAGE(RoleAssignment, RoleAssignmentRecord)

KN_DECLARE_CODEC(User, UserRecord)
KN_DECLARE_CODEC(RoleAssignment, RoleAssignmentRecord)

void to_view(const User& user, v1::User* view);
void to_view(const RoleAssignment& assignment, v1::RoleAssignment* view);

KN_DECLARE_CODEC(CreateUser, CreateUserRequest)

#define KN_USER_CALLS(X) \
  X(FindUser, find_user, FindUserCall) \
  X(ListUsers, list_users, ListUsersRequest) \
  X(StoreUser, store_user, StoreUserCall) \
  X(ReplaceUser, replace_user, ReplaceUserCall) \
  X(DeleteUser, delete_user, DeleteUserRequest) \
  X(GrantRole, grant_role, GrantRoleRequest)
#define KN_USER_REPLIES(X) \
  X(FoundUser, found_user, FoundUser, kFoundUser) \
  X(UserList, user_list, UserList, kUserList)
#define KN_USER_METHODS(X) X(ListUsers) X(CreateUser) X(DeleteUser) X(GrantRole)

KN_USER_CALLS(KN_DECLARE_CALL)
KN_USER_REPLIES(KN_DECLARE_REPLY)
KN_USER_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
