#include "rpc/convert/fields.h"

namespace kilonova::rpc {

KN_CODEC(Cidr, v1::Cidr, KN_FIELD_AS(network.value, network) KN_FIELD(prefix) KN_AT_MOST(prefix, 32))
KN_CODEC(Network, v1::NetworkRecord,
         KN_FIELD(id) KN_FIELD(name) KN_FIELD(project_id) KN_FIELD(shared) KN_FIELD(external) KN_FIELD(cidr)
             KN_FIELD(gateway) KN_FIELD(vlan) KN_TIME(created_at))
KN_CODEC(Image, v1::ImageRecord,
         KN_FIELD(id) KN_FIELD(name) KN_FIELD(owner) KN_FIELD(is_public) KN_FIELD(size_bytes) KN_FIELD(min_disk_gb)
             KN_FIELD(min_ram_mb) KN_FIELD(disk_format) KN_FIELD(status) KN_TIME(created_at))
KN_CODEC(KeyPair, v1::KeyPairRecord,
         KN_FIELD(name) KN_FIELD(user_id) KN_FIELD(type) KN_FIELD(public_key) KN_FIELD(fingerprint) KN_TIME(created_at))
KN_CODEC(Project, v1::ProjectRecord, KN_FIELD(id) KN_FIELD(name) KN_FIELD(description) KN_FIELD(enabled))
KN_CODEC(User, v1::UserRecord, KN_FIELD(id) KN_FIELD(name) KN_FIELD(password_hash) KN_FIELD(enabled))
KN_CODEC(RoleAssignment, v1::RoleAssignmentRecord, KN_FIELD(user_id) KN_FIELD(project_id) KN_FIELD(role))
KN_CODEC(Quota, v1::QuotaRecord, KN_FIELD(project_id) KN_FIELD(instances) KN_FIELD(cores) KN_FIELD(ram_mb))
KN_CODEC(QuotaUsage, v1::QuotaUsageRecord, KN_FIELD(instances) KN_FIELD(cores) KN_FIELD(ram_mb))
KN_CODEC(Host, v1::HostRecord,
         KN_FIELD(id) KN_FIELD(name) KN_FIELD(zone) KN_FIELD(total) KN_FIELD(process) KN_FIELD(enabled)
             KN_FIELD(disabled_reason) KN_TIME(created_at))
KN_CODEC(HostView, v1::HostView, KN_FIELD(host) KN_FIELD(used) KN_FIELD(instances) KN_FIELD(up) KN_TIME(last_seen))
KN_CODEC(ServiceView, v1::ServiceView,
         KN_FIELD(peer) KN_FIELD(incarnation) KN_FIELD(connected) KN_TIME(connected_since) KN_TIME(last_seen)
             KN_FIELD(hosts))
KN_CODEC(Lease, v1::LeaseRecord, KN_FIELD(instance) KN_FIELD(epoch) KN_FIELD(hostname) KN_FIELD(address))
KN_CODEC(WatchEvent, v1::WatchEventRecord,
         KN_FIELD(revision) KN_TIME(time) KN_FIELD(project_id) KN_FIELD(instance) KN_FIELD(name) KN_FIELD(vm_state)
             KN_FIELD(task_state) KN_FIELD(power_state) KN_FIELD(host) KN_FIELD(epoch) KN_FIELD(deleted)
                 KN_FIELD(fault))

}  // namespace kilonova::rpc
