#include "rpc/convert/nouns/server_interfaces.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/nouns/networks.h"
#include "rpc/convert/nouns/servers.h"
#include "rpc/convert/replies.h"

namespace kilonova::rpc {

KN_CODEC(AttachInterface, v1::AttachInterfaceRequest,
         KN_FIELD(server) KN_FIELD(network) KN_FIELD(port) KN_FIELD(fixed_ip))
KN_CODEC(DetachInterface, v1::DetachInterfaceRequest, KN_FIELD(server) KN_FIELD(interface))
KN_CODEC(RemoveFixedIp, v1::RemoveFixedIpRequest, KN_FIELD(server) KN_FIELD(address))
KN_CODEC(ChangeServerNics, v1::ChangeServerNicsCall,
         KN_FIELD(change) KN_FIELD(placement) KN_FIELD(project_id) KN_FIELD(hostname) KN_FIELD(kept) KN_FIELD(network)
             KN_FIELD(port) KN_FIELD(fixed_ip))

KN_EMPTY_REPLY(DetachInterface)
KN_EMPTY_REPLY(RemoveFixedIp)

bool to_public(const AttachInterface::Reply& reply, Audience audience, v1::AttachInterfaceReply* proto) {
  if (reply.servers.empty()) return false;
  to_view(reply.servers.front(), audience, proto->mutable_server());
  if (!reply.properties.empty()) to_view(reply.properties.front(), audience, proto->mutable_server());
  return true;
}

}  // namespace kilonova::rpc
