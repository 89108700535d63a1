#include "rpc/convert/nouns/server_groups.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"

namespace kilonova::rpc {

KN_CODEC(ServerGroup, v1::ServerGroup,
         KN_FIELD(id) KN_FIELD(project_id) KN_FIELD(user_id) KN_FIELD(name) KN_FIELD(policy)
             KN_FIELD(max_server_per_host) KN_TIME(created_at))
KN_CODEC(ServerGroupMember, v1::ServerGroupMember, KN_FIELD(group) KN_FIELD(instance))

KN_CODEC(ListServerGroups, v1::ListServerGroupsRequest,
         KN_FIELD(group) KN_FIELD(all_projects) KN_FIELD(limit) KN_FIELD(marker))
KN_CODEC(CreateServerGroup, v1::CreateServerGroupRequest, KN_FIELD(name) KN_FIELD(policy) KN_FIELD(max_server_per_host))
KN_CODEC(DeleteServerGroup, v1::DeleteServerGroupRequest, KN_FIELD(group) KN_FIELD(all_projects))

KN_CODEC(ServerGroupList, v1::ServerGroupList, KN_FIELD(groups) KN_FIELD(more) KN_FIELD(members))

bool to_public(const ListServerGroups::Reply& reply, Audience, v1::ListServerGroupsReply* proto) {
  add_all(reply.groups, proto->mutable_groups(), kEncode);
  add_all(reply.members, proto->mutable_members(), kEncode);
  proto->set_more(reply.more);
  return true;
}
bool to_public(const CreateServerGroup::Reply& reply, Audience, v1::CreateServerGroupReply* proto) {
  return add_first(reply.groups, proto->mutable_group(), kEncode);
}
KN_EMPTY_REPLY(DeleteServerGroup)

}  // namespace kilonova::rpc
