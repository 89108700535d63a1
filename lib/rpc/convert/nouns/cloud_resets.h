// Resets of the cloud on the wire.
#pragma once

#include "domain/nouns/cloud_reset.h"
#include "kilonova/v1/api.pb.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

#define KN_CLOUD_RESET_CALLS(X)                 \
  X(ResetCloud, reset_cloud, ResetCloudRequest) \
  X(ResetNetworks, reset_networks, ResetNetworksCall)
#define KN_CLOUD_RESET_REPLIES(X)  // there is nothing to say
#define KN_CLOUD_RESET_METHODS(X) X(ResetCloud)

KN_CLOUD_RESET_CALLS(KN_DECLARE_CALL)
KN_CLOUD_RESET_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
