// What is asked of servers in more words, on the wire.
#pragma once

#include "domain/nouns/server_request.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"
#include "rpc/convert/nouns/servers.h"

namespace kilonova::rpc {

#define KN_SERVER_REQUEST_CALLS(X)                                             \
  X(ResetServerState, reset_server_state, ResetServerStateRequest)             \
  X(ChangeServerPassword, change_server_password, ChangeServerPasswordRequest) \
  X(RescueServer, rescue_server, RescueServerRequest)                          \
  X(RebuildServer, rebuild_server, RebuildServerRequest)                       \
  X(CreateServerImage, create_server_image, CreateServerImageRequest)          \
  X(CreateServerBackup, create_server_backup, CreateServerBackupRequest)       \
  X(StepServer, step_server, StepServerRequest)
// The others have those of servers and images.
#define KN_SERVER_REQUEST_REPLIES(X) X(ServerStep, server_step, StepServerReply, kServerStep)
#define KN_SERVER_REQUEST_METHODS(X) \
  X(ResetServerState)                \
  X(ChangeServerPassword) X(RescueServer) X(RebuildServer) X(CreateServerImage) X(CreateServerBackup) X(StepServer)

KN_SERVER_REQUEST_CALLS(KN_DECLARE_CALL)
KN_SERVER_REQUEST_REPLIES(KN_DECLARE_REPLY)
KN_SERVER_REQUEST_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
