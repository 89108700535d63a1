// Interfaces of servers on the wire.
#pragma once

#include "domain/nouns/server_interface.h"
#include "kilonova/v1/cloud.pb.h"
#include "kilonova/v1/network_part.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

#define KN_SERVER_INTERFACE_CALLS(X)                           \
  X(AttachInterface, attach_interface, AttachInterfaceRequest) \
  X(DetachInterface, detach_interface, DetachInterfaceRequest) \
  X(RemoveFixedIp, remove_fixed_ip, RemoveFixedIpRequest)      \
  X(ChangeServerNics, change_server_nics, ChangeServerNicsCall)
#define KN_SERVER_INTERFACE_REPLIES(X)  // those of servers and leases
#define KN_SERVER_INTERFACE_METHODS(X) X(AttachInterface) X(DetachInterface) X(RemoveFixedIp)

KN_SERVER_INTERFACE_CALLS(KN_DECLARE_CALL)
KN_SERVER_INTERFACE_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
