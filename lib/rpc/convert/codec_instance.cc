#include "rpc/convert/fields.h"

namespace kilonova::rpc {

KN_CODEC(PlacementId, v1::PlacementId, KN_FIELD(instance) KN_FIELD(epoch))
KN_CODEC(TraceContext, v1::TraceContext, KN_FIELD(request_id) KN_FIELD(trace_id) KN_FIELD(span_id))
KN_CODEC(ImageRef, v1::ImageRef, KN_FIELD(id) KN_FIELD(name) KN_FIELD(size_bytes))
KN_CODEC(SchedulerHints, v1::SchedulerHints, KN_FIELD(group) KN_FIELD(same_host) KN_FIELD(different_host))
KN_CODEC(RequestSpec, v1::RequestSpec,
         KN_FIELD(project_id) KN_FIELD(user_id) KN_FIELD(flavor) KN_FIELD(image) KN_FIELD(networks) KN_FIELD(key_name)
             KN_FIELD(availability_zone) KN_FIELD(forced_host) KN_FIELD(security_groups) KN_FIELD(hints)
                 KN_FIELD(requested_host))
KN_CODEC(InjectedFault, v1::InjectedFault,
         KN_FIELD(rule_id) KN_FIELD(step) KN_FIELD(host_pattern) KN_TIME(delay) KN_FIELD(fails) KN_FIELD(aborts)
             KN_FIELD(message) KN_FIELD(daemon_pattern) KN_FIELD(effect))
KN_CODEC(Address, v1::Address,
         KN_FIELD(network_id) KN_FIELD(network_name) KN_FIELD(nic) KN_FIELD(ip) KN_FIELD(prefix) KN_AT_MOST(prefix, 32)
             KN_FIELD(gateway) KN_FIELD(mac) KN_FIELD(vlan) KN_FIELD(bridge) KN_TIME(lease_expires_at))
KN_CODEC(Placement, v1::Placement, KN_FIELD(epoch) KN_FIELD(step) KN_FIELD(host) KN_FIELD(addresses))
KN_CODEC(Move, v1::Move,
         KN_FIELD(kind) KN_FIELD(stage) KN_FIELD(migration) KN_FIELD(from) KN_FIELD(old_flavor) KN_FIELD(new_flavor)
             KN_FIELD(requested_host) KN_FIELD(forced) KN_FIELD(auto_confirmed))
KN_CODEC(InstanceFault, v1::InstanceFault, KN_FIELD(code) KN_FIELD(message) KN_FIELD(details) KN_TIME(created_at))
KN_CODEC(Instance, v1::Instance,
         KN_FIELD(id) KN_FIELD(uuid) KN_FIELD(name) KN_FIELD(hostname) KN_FIELD(reservation_id) KN_FIELD(launch_index)
             KN_FIELD(spec) KN_FIELD(trace) KN_FIELD(vm_state) KN_FIELD(task_state) KN_FIELD(power_state)
                 KN_FIELD(current) KN_FIELD(other) KN_FIELD(operation) KN_FIELD(attempt) KN_FIELD(tried_hosts)
                     KN_FIELD(alternates) KN_FIELD(fault) KN_TIME(created_at) KN_TIME(updated_at) KN_TIME(launched_at)
                         KN_FIELD(move) KN_FIELD(last_epoch) KN_FIELD(shelved_image) KN_TIME(state_since))

}  // namespace kilonova::rpc
