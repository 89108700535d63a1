#include "rpc/convert/nouns/server_requests.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/nouns/images.h"
#include "rpc/convert/nouns/servers.h"
#include "rpc/convert/replies.h"

namespace kilonova::rpc {

KN_CODEC(ResetServerState, v1::ResetServerStateRequest, KN_FIELD(server) KN_FIELD(state))
KN_CODEC(ChangeServerPassword, v1::ChangeServerPasswordRequest, KN_FIELD(server))
KN_CODEC(RescueServer, v1::RescueServerRequest, KN_FIELD(server) KN_FIELD(image))
KN_CODEC(RebuildServer, v1::RebuildServerRequest,
         KN_FIELD(server) KN_FIELD(image) KN_FIELD(name) KN_FIELD(sets_description) KN_FIELD(description)
             KN_FIELD(replaces_metadata) KN_FIELD(metadata) KN_FIELD(sets_key_name) KN_FIELD(key_name)
                 KN_FIELD(sets_user_data) KN_FIELD(user_data) KN_FIELD(access) KN_FIELD(hostname))
KN_CODEC(CreateServerImage, v1::CreateServerImageRequest, KN_FIELD(server) KN_FIELD(name) KN_FIELD(metadata))
KN_CODEC(CreateServerBackup, v1::CreateServerBackupRequest,
         KN_FIELD(server) KN_FIELD(name) KN_FIELD(backup_type) KN_FIELD(rotation) KN_FIELD(metadata))
KN_CODEC(StepServer, v1::StepServerRequest, KN_FIELD(server))

KN_CODEC(ServerStep, v1::StepServerReply, KN_FIELD(step))

KN_EMPTY_REPLY(ResetServerState)
KN_EMPTY_REPLY(ChangeServerPassword)
KN_EMPTY_REPLY(RescueServer)

bool to_public(const StepServer::Reply& reply, Audience, v1::StepServerReply* proto) {
  encode(reply, proto);
  return true;
}

bool to_public(const RebuildServer::Reply& reply, Audience audience, v1::RebuildServerReply* proto) {
  if (reply.servers.empty()) return false;
  to_view(reply.servers.front(), audience, proto->mutable_server());
  if (!reply.properties.empty()) to_view(reply.properties.front(), audience, proto->mutable_server());
  return true;
}

bool to_public(const CreateServerImage::Reply& reply, Audience, v1::CreateServerImageReply* proto) {
  return add_first(reply.images, proto->mutable_image(), kToView);
}

bool to_public(const CreateServerBackup::Reply& reply, Audience, v1::CreateServerBackupReply* proto) {
  return add_first(reply.images, proto->mutable_image(), kToView);
}

}  // namespace kilonova::rpc
