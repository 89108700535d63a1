// Servers on the wire: between daemons, and as clients see them.
#pragma once

#include "domain/deleted_server.h"
#include "domain/nouns/server.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

KN_RECORD_MESSAGE(ServerProperties, ServerProperties)
KN_RECORD_MESSAGE(InstanceAction, InstanceActionRecord)
KN_RECORD_MESSAGE(DeletedServer, DeletedServerRecord)
KN_DECLARE_CODEC(DeletedServer, DeletedServerRecord)
KN_DECLARE_CODEC(InstanceActionEvent, InstanceActionEventRecord)
KN_DECLARE_CODEC(InstanceAction, InstanceActionRecord)
KN_DECLARE_CODEC(ServerProperties, ServerProperties)
KN_DECLARE_CODEC(ServerAccess, ServerAccess)

// A fault's details, and what tells of the fleet (names of hosts, their room, which were weighed), stay behind except for
// admins. Nova: OS-EXT-SRV-ATTR:host and its like are the admins'.
void to_view(const Address& address, v1::ServerAddress* view);
void to_view(const Instance& instance, Audience audience, v1::Server* view);
// Beside what the instance says. User data stays behind except for admins: OS-EXT-SRV-ATTR:user_data.
void to_view(const ServerProperties& properties, Audience audience, v1::Server* view);
void to_view(const WatchEvent& event, Audience audience, v1::WatchEvent* view);
void to_view(const StepRecord& step, Audience audience, v1::StepRecord* view);
// Users see that a scheduler decided, and why it found no host.
void to_view(const Decision& decision, Audience audience, v1::Decision* view);

#define KN_SERVER_CALLS(X) \
  X(CreateServers, create_servers, CreateServersRequest) \
  X(GetServer, get_server, GetServerRequest) \
  X(ListServers, list_servers, ListServersRequest) \
  X(SetServer, set_server, SetServerRequest) \
  X(LockServer, lock_server, LockServerRequest) \
  X(DeleteServer, delete_server, DeleteServerRequest) \
  X(ServerAction, server_action, ServerActionRequest) \
  X(GetLaunchRecord, get_launch_record, GetLaunchRecordRequest) \
  X(ListInstanceActions, list_instance_actions, ListInstanceActionsRequest) \
  X(ReadEvents, read_events, ReadEventsRequest)
#define KN_SERVER_REPLIES(X) \
  X(Empty, done, Done, kDone) \
  X(CreateServersReply, created_servers, CreatedServers, kCreatedServers) \
  X(ServerList, server_list, ServerList, kServerList) \
  X(LaunchRecord, launch_record, LaunchRecord, kLaunchRecord) \
  X(InstanceActionList, instance_action_list, InstanceActionList, kInstanceActionList) \
  X(EventList, event_list, EventList, kEventList)
#define KN_SERVER_METHODS(X) X(CreateServers) X(GetServer) X(ListServers) X(SetServer) X(LockServer) X(DeleteServer) X(ServerAction) X(GetLaunchRecord) \
  X(ListInstanceActions) X(ReadEvents)

KN_SERVER_CALLS(KN_DECLARE_CALL)
KN_SERVER_REPLIES(KN_DECLARE_REPLY)
KN_SERVER_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
