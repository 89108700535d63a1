// Server groups on the wire: between daemons, and as clients see them.
#pragma once

#include "domain/nouns/server_group.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

KN_RECORD_MESSAGE(ServerGroup, ServerGroup)

KN_DECLARE_CODEC(ServerGroup, ServerGroup)
KN_DECLARE_CODEC(ServerGroupMember, ServerGroupMember)

#define KN_SERVER_GROUP_CALLS(X)                                      \
  X(ListServerGroups, list_server_groups, ListServerGroupsRequest)    \
  X(CreateServerGroup, create_server_group, CreateServerGroupRequest) \
  X(DeleteServerGroup, delete_server_group, DeleteServerGroupRequest)
#define KN_SERVER_GROUP_REPLIES(X) X(ServerGroupList, server_group_list, ServerGroupList, kServerGroupList)
#define KN_SERVER_GROUP_METHODS(X) X(ListServerGroups) X(CreateServerGroup) X(DeleteServerGroup)

KN_SERVER_GROUP_CALLS(KN_DECLARE_CALL)
KN_SERVER_GROUP_REPLIES(KN_DECLARE_REPLY)
KN_SERVER_GROUP_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
