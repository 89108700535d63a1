#include "rpc/convert/nouns/beliefs.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {

KN_CODEC(HeldAddress, v1::HeldAddress, KN_FIELD(nic) KN_FIELD(network_id) KN_FIELD(ip) KN_FIELD(mac))
KN_CODEC(PlacementBelief, v1::PlacementBelief, KN_FIELD(epoch) KN_FIELD(host))
KN_CODEC(ServerBelief, v1::ServerBelief,
         KN_FIELD(uuid) KN_FIELD(name) KN_FIELD(vm_state) KN_FIELD(task_state) KN_FIELD(power_state) KN_FIELD(epoch)
             KN_FIELD(operation) KN_FIELD(host) KN_FIELD(resources) KN_FIELD(nics) KN_FIELD(addresses)
                 KN_TIME(updated_at) KN_FIELD(next))
KN_CODEC(Allocation, v1::AllocationBelief, KN_FIELD(instance) KN_FIELD(epoch) KN_FIELD(host) KN_FIELD(resources))
KN_CODEC(HostBelief, v1::HostBelief, KN_FIELD(name) KN_FIELD(process) KN_FIELD(enabled) KN_FIELD(up))
KN_CODEC(QuotaBelief, v1::QuotaBelief, KN_FIELD(project_id) KN_FIELD(counted) KN_FIELD(rows))
KN_CODEC(LeaseBelief, v1::LeaseBelief, KN_FIELD(instance) KN_FIELD(epoch) KN_FIELD(address) KN_FIELD(shared_with))
KN_CODEC(GuestBelief, v1::GuestBelief,
         KN_FIELD(host) KN_FIELD(instance) KN_FIELD(epoch) KN_FIELD(resources) KN_FIELD(power_state) KN_FIELD(built))
KN_CODEC(ClaimBelief, v1::ClaimBelief,
         KN_FIELD(host) KN_FIELD(instance) KN_FIELD(epoch) KN_FIELD(held) KN_FIELD(resources) KN_FIELD(power_state)
             KN_FIELD(built) KN_FIELD(working))
KN_CODEC(UsageBelief, v1::UsageBelief,
         KN_FIELD(host) KN_FIELD(incarnation) KN_FIELD(version) KN_FIELD(used) KN_FIELD(instances))
KN_CODEC(ViewBelief, v1::ViewBelief,
         KN_FIELD(host) KN_FIELD(status_heard) KN_FIELD(process) KN_FIELD(enabled) KN_FIELD(up) KN_FIELD(usage_heard)
             KN_FIELD(incarnation) KN_FIELD(version) KN_FIELD(reported) KN_FIELD(instances))
KN_CODEC(DebitBelief, v1::DebitBelief,
         KN_FIELD(host) KN_FIELD(instance) KN_FIELD(epoch) KN_FIELD(amount) KN_TIME(age))

KN_CODEC(ReadBeliefs, v1::ReadBeliefsRequest, KN_FIELD(daemon) KN_FIELD(kind) KN_FIELD(after) KN_FIELD(limit))

KN_CODEC(BeliefPage, v1::BeliefPage,
         KN_FIELD(servers) KN_FIELD(allocations) KN_FIELD(hosts) KN_FIELD(quotas) KN_FIELD(leases) KN_FIELD(guests)
             KN_FIELD(claims) KN_FIELD(usages) KN_FIELD(views) KN_FIELD(debits) KN_FIELD(next))

bool to_public(const ReadBeliefs::Reply& reply, Audience, v1::ReadBeliefsReply* proto) {
  encode(reply, proto->mutable_page());
  return true;
}

}  // namespace kilonova::rpc
