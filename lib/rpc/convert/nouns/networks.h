// Networks and leases on the wire: between daemons, and as clients see them.
#pragma once

#include "domain/nouns/network.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"
#include "rpc/convert/nouns/servers.h"

namespace kilonova::rpc {

KN_DECLARE_CODEC(Lease, LeaseRecord)

void to_view(const Network& network, v1::Network* view);
void to_view(const Lease& lease, v1::Lease* view);

// addresses_used is the caller's to set.
#define KN_NETWORK_CALLS(X) \
  X(ListNetworks, list_networks, ListNetworksRequest) \
  X(CreateNetwork, create_network, CreateNetworkRequest) \
  X(DeleteNetwork, delete_network, DeleteNetworkRequest) \
  X(ListLeases, list_leases, ListLeasesRequest)
#define KN_NETWORK_REPLIES(X) \
  X(NetworkList, network_list, NetworkList, kNetworkList) \
  X(LeaseList, lease_list, LeaseList, kLeaseList)
#define KN_NETWORK_METHODS(X) X(ListNetworks) X(CreateNetwork) X(DeleteNetwork) X(ListLeases)

KN_NETWORK_CALLS(KN_DECLARE_CALL)
KN_NETWORK_REPLIES(KN_DECLARE_REPLY)
KN_NETWORK_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
