#include "rpc/convert/fields.h"

namespace kilonova::rpc {

KN_CODEC(Cidr, v1::Cidr, KN_FIELD_AS(network.value, network) KN_FIELD(prefix) KN_AT_MOST(prefix, 32))
KN_CODEC(Network, v1::NetworkRecord,
         KN_FIELD(id) KN_FIELD(name) KN_FIELD(project_id) KN_FIELD(shared) KN_FIELD(external) KN_FIELD(cidr)
             KN_FIELD(gateway) KN_FIELD(vlan) KN_TIME(created_at))
KN_CODEC(WatchEvent, v1::WatchEventRecord,
         KN_FIELD(revision) KN_TIME(time) KN_FIELD(project_id) KN_FIELD(instance) KN_FIELD(name) KN_FIELD(vm_state)
             KN_FIELD(task_state) KN_FIELD(power_state) KN_FIELD(host) KN_FIELD(epoch) KN_FIELD(deleted)
                 KN_FIELD(fault) KN_FIELD(step) KN_FIELD(attempt))
KN_CODEC(CloudEvent, v1::CloudEvent,
         KN_TIME(time) KN_FIELD(host) KN_FIELD(up) KN_FIELD(fault_rule) KN_FIELD(struck))

}  // namespace kilonova::rpc
