#include "rpc/convert/nouns/services.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {

KN_CODEC(ServiceView, v1::ServiceView,
         KN_FIELD(peer) KN_FIELD(incarnation) KN_FIELD(connected) KN_TIME(connected_since) KN_TIME(last_seen)
             KN_FIELD(hosts))

KN_CODEC(ListServices, v1::ListServicesRequest, )
KN_CODEC(GetCloudStatus, v1::GetCloudStatusRequest, )

KN_CODEC(ServiceList, v1::ServiceList, KN_FIELD(services))
KN_CODEC(CloudStatus, v1::CloudStatus,
         KN_FIELD(servers) KN_FIELD(active) KN_FIELD(building) KN_FIELD(error) KN_FIELD(hosts) KN_FIELD(hosts_up)
             KN_FIELD(revision) KN_FIELD(claim_conflicts) KN_FIELD(cpu_allocation_ratio) KN_FIELD(ram_allocation_ratio)
                 KN_FIELD(disk_allocation_ratio))

void to_view(const ServiceView& service, v1::Service* view) {
  view->set_name(to_string(service.peer));
  view->set_role(to_wire(service.peer.role));
  view->set_index(service.peer.index);
  view->set_incarnation(service.incarnation);
  view->set_connected(service.connected);
  view->set_connected_since_us(service.connected_since.us);
  view->set_last_seen_us(service.last_seen.us);
  view->set_hosts(service.hosts);
}

bool to_public(const ListServices::Reply& reply, Audience, v1::ListServicesReply* proto) {
  add_all(reply.services, proto->mutable_services(), kToView);
  return true;
}
bool to_public(const GetCloudStatus::Reply& reply, Audience audience, v1::GetCloudStatusReply* proto) {
  v1::CloudStatus& status = *proto->mutable_status();
  encode(reply, &status);
  if (audience == Audience::kAdmin) return true;
  status.clear_hosts();
  status.clear_hosts_up();
  status.clear_claim_conflicts();
  return true;
}

}  // namespace kilonova::rpc
