// Networks, subnets and ports as Neutron's API changes them, between daemons: no method of the public service has them.
#pragma once

#include "domain/nouns/network_part.h"
#include "kilonova/v1/network_part.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

KN_DECLARE_CODEC(AddressRange, AddressRange)
KN_DECLARE_CODEC(Subnet, SubnetRecord)
KN_DECLARE_CODEC(FixedIp, FixedIp)
KN_DECLARE_CODEC(Port, PortRecord)
KN_DECLARE_CODEC(NetworkDetails, NetworkDetailsRecord)

#define KN_NETWORK_PART_CALLS(X)                                \
  X(ListNetworkParts, list_network_parts, ListNetworkPartsCall) \
  X(StoreNetwork, store_network, StoreNetworkCall)              \
  X(StoreSubnet, store_subnet, StoreSubnetCall)                 \
  X(StorePort, store_port, StorePortCall)                       \
  X(DeleteNetworkPart, delete_network_part, DeleteNetworkPartCall)
#define KN_NETWORK_PART_REPLIES(X) X(NetworkParts, network_parts, NetworkParts, kNetworkParts)
#define KN_NETWORK_PART_METHODS(X)

KN_NETWORK_PART_CALLS(KN_DECLARE_CALL)
KN_NETWORK_PART_REPLIES(KN_DECLARE_REPLY)

}  // namespace kilonova::rpc
