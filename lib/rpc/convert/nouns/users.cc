#include "rpc/convert/nouns/users.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {

KN_CODEC(User, v1::UserRecord, KN_FIELD(id) KN_FIELD(name) KN_FIELD(password_hash) KN_FIELD(enabled))
KN_CODEC(RoleAssignment, v1::RoleAssignmentRecord, KN_FIELD(user_id) KN_FIELD(project_id) KN_FIELD(role))

KN_CODEC(FindUser, v1::FindUserCall, KN_FIELD(user) KN_FIELD(project))
KN_CODEC(ListUsers, v1::ListUsersRequest, KN_FIELD(user) KN_FIELD(limit) KN_FIELD(marker))
KN_CODEC(StoreUser, v1::StoreUserCall, KN_FIELD(name) KN_FIELD(password_hash))
KN_CODEC(ReplaceUser, v1::ReplaceUserCall, KN_FIELD(user) KN_FIELD(name) KN_FIELD(password_hash) KN_FIELD(enabled))
KN_CODEC(DeleteUser, v1::DeleteUserRequest, KN_FIELD(user))
KN_CODEC(GrantRole, v1::GrantRoleRequest, KN_FIELD(user) KN_FIELD(project) KN_FIELD(role))
KN_CODEC(CreateUser, v1::CreateUserRequest, KN_FIELD(name) KN_FIELD(password))

KN_CODEC(FoundUser, v1::FoundUser, KN_FIELD(user) KN_FIELD(project) KN_FIELD(role))
KN_CODEC(UserList, v1::UserList, KN_FIELD(users) KN_FIELD(roles) KN_FIELD(more))

void to_view(const User& user, v1::User* view) {
  view->set_id(to_hex(user.id));
  put_text(user.name, view->mutable_name());
  view->set_enabled(user.enabled);
}

void to_view(const RoleAssignment& assignment, v1::RoleAssignment* view) {
  view->set_user_id(to_hex(assignment.user_id));
  view->set_project_id(to_hex(assignment.project_id));
  view->set_role(to_wire(assignment.role));
}

bool to_public(const CreateUser::Reply& reply, Audience, v1::CreateUserReply* proto) {
  return add_first(reply.users, proto->mutable_user(), kToView);
}
bool to_public(const ListUsers::Reply& reply, Audience, v1::ListUsersReply* proto) {
  add_all(reply.users, proto->mutable_users(), kToView);
  add_all(reply.roles, proto->mutable_roles(), kToView);
  proto->set_more(reply.more);
  return true;
}
KN_EMPTY_REPLY(DeleteUser)
KN_EMPTY_REPLY(GrantRole)

}  // namespace kilonova::rpc
