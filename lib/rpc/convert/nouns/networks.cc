#include "rpc/convert/nouns/networks.h"

#include <fmt/format.h>

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {

KN_CODEC(Lease, v1::LeaseRecord,
         KN_FIELD(instance) KN_FIELD(epoch) KN_FIELD(hostname) KN_FIELD(address) KN_FIELD(shared_with))

KN_CODEC(ListNetworks, v1::ListNetworksRequest, KN_FIELD(network) KN_FIELD(limit) KN_FIELD(marker))
KN_CODEC(CreateNetwork, v1::CreateNetworkRequest,
         KN_FIELD(name) KN_FIELD(cidr) KN_FIELD(gateway) KN_FIELD(shared) KN_FIELD(external))
KN_CODEC(DeleteNetwork, v1::DeleteNetworkRequest, KN_FIELD(network))
KN_CODEC(ListLeases, v1::ListLeasesRequest, KN_FIELD(network) KN_FIELD(limit) KN_FIELD(marker))

KN_CODEC(NetworkList, v1::NetworkList, KN_FIELD(networks) KN_FIELD(used) KN_FIELD(more))
KN_CODEC(LeaseList, v1::LeaseList, KN_FIELD(leases) KN_FIELD(more))

void to_view(const Network& network, v1::Network* view) {
  view->set_id(to_string(network.id));
  put_text(network.name, view->mutable_name());
  view->set_project_id(to_hex(network.project_id));
  view->set_shared(network.shared);
  view->set_external(network.external);
  if (network.cidr.prefix != 0) view->set_cidr(to_string(network.cidr));
  if (network.gateway != Ipv4{}) view->set_gateway(to_string(network.gateway));
  view->set_vlan(network.vlan);
  view->set_bridge(fmt::format("br{}", network.vlan));
  view->set_created_at_us(network.created_at.us);
}

void to_view(const Lease& lease, v1::Lease* view) {
  view->set_server_id(to_string(lease.instance));
  view->set_epoch(lease.epoch);
  put_text(lease.hostname, view->mutable_hostname());
  to_view(lease.address, view->mutable_address());
}

bool to_public(const ListLeases::Reply& reply, Audience, v1::ListLeasesReply* proto) {
  add_all(reply.leases, proto->mutable_leases(), kToView);
  proto->set_more(reply.more);
  return true;
}
bool to_public(const CreateNetwork::Reply& reply, Audience, v1::CreateNetworkReply* proto) {
  return add_first(reply.networks, proto->mutable_network(), kToView);
}
bool to_public(const ListNetworks::Reply& reply, Audience, v1::ListNetworksReply* proto) {
  for (size_t i = 0; i < reply.networks.size(); ++i) {
    v1::Network* view = proto->add_networks();
    to_view(reply.networks[i], view);
    if (i < reply.used.size()) view->set_addresses_used(reply.used[i]);
  }
  proto->set_more(reply.more);
  return true;
}
KN_EMPTY_REPLY(DeleteNetwork)

}  // namespace kilonova::rpc
