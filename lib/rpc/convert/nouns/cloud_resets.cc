#include "rpc/convert/nouns/cloud_resets.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"

namespace kilonova::rpc {

KN_CODEC(ResetCloud, v1::ResetCloudRequest, KN_FIELD(client_token))
KN_CODEC(ResetNetworks, v1::ResetNetworksCall, KN_FIELD(reset))

KN_EMPTY_REPLY(ResetCloud)

}  // namespace kilonova::rpc
