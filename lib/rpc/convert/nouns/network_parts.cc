#include "rpc/convert/nouns/network_parts.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"

namespace kilonova::rpc {

KN_CODEC(AddressRange, v1::AddressRange, KN_FIELD(first) KN_FIELD(last))
KN_CODEC(Subnet, v1::SubnetRecord,
         KN_FIELD(id) KN_FIELD(network_id) KN_FIELD(project_id) KN_FIELD(cidr) KN_FIELD(gateway) KN_FIELD(pools)
             KN_FIELD(automatic) KN_FIELD(details) KN_FIELD(revision) KN_TIME(created_at) KN_TIME(updated_at))
KN_CODEC(FixedIp, v1::FixedIp, KN_FIELD(subnet_id) KN_FIELD(ip))
KN_CODEC(Port, v1::PortRecord,
         KN_FIELD(id) KN_FIELD(network_id) KN_FIELD(project_id) KN_FIELD(mac) KN_FIELD(fixed_ips) KN_FIELD(device_id)
             KN_FIELD(device_owner) KN_FIELD(goes_with_device) KN_FIELD(is_asked_for) KN_FIELD(details)
                 KN_FIELD(revision) KN_TIME(created_at) KN_TIME(updated_at))
KN_CODEC(NetworkDetails, v1::NetworkDetailsRecord,
         KN_FIELD(id) KN_FIELD(details) KN_FIELD(revision) KN_TIME(updated_at))

KN_CODEC(ListNetworkParts, v1::ListNetworkPartsCall,
         KN_FIELD(kind) KN_FIELD(id) KN_FIELD(network_id) KN_FIELD(device_id) KN_FIELD(limit) KN_FIELD(marker))
KN_CODEC(StoreNetwork, v1::StoreNetworkCall, KN_FIELD(network) KN_FIELD(details) KN_FIELD(revision))
KN_CODEC(StoreSubnet, v1::StoreSubnetCall, KN_FIELD(subnet))
KN_CODEC(StorePort, v1::StorePortCall, KN_FIELD(port) KN_FIELD(draws_addresses))
KN_CODEC(DeleteNetworkPart, v1::DeleteNetworkPartCall, KN_FIELD(kind) KN_FIELD(id))

KN_CODEC(NetworkParts, v1::NetworkParts,
         KN_FIELD(networks) KN_FIELD(details) KN_FIELD(used) KN_FIELD(subnets) KN_FIELD(ports) KN_FIELD(more))

}  // namespace kilonova::rpc
