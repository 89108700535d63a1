#include "rpc/convert/fields.h"

namespace kilonova::rpc {

KN_CODEC(PlacementRequest, v1::PlacementRequest,
         KN_FIELD(placement) KN_FIELD(attempt) KN_FIELD(operation) KN_FIELD(name) KN_FIELD(hostname) KN_FIELD(faults)
             KN_FIELD(steps) KN_FIELD(ticket))
KN_CODEC(PlacedServer, v1::PlacedServer, KN_FIELD(instance) KN_FIELD(host))
KN_CODEC(SchedulingGroup, v1::SchedulingGroup, KN_FIELD(policy) KN_FIELD(max_server_per_host) KN_FIELD(members))
KN_CODEC(SelectDestinations, v1::SelectDestinations,
         KN_FIELD(scheduler) KN_FIELD(cast_number) KN_FIELD(trace) KN_FIELD(spec) KN_FIELD(requests)
             KN_FIELD(excluded_hosts) KN_FIELD(alternates) KN_FIELD(requested_host) KN_FIELD(shares_with)
                 KN_FIELD(group) KN_FIELD(hinted))
KN_CODEC(HostStatus::InAggregate, v1::HostStatus::InAggregate, KN_FIELD(id) KN_FIELD(metadata))
KN_CODEC(HostStatus, v1::HostStatus,
         KN_FIELD(id) KN_FIELD(name) KN_FIELD(zone) KN_FIELD(process) KN_FIELD(enabled) KN_FIELD(up)
             KN_FIELD(aggregates))
KN_CODEC(HostStatuses, v1::HostStatuses, KN_FIELD(full) KN_FIELD(hosts) KN_FIELD(deleted))
KN_CODEC(NoValidHost, v1::NoValidHost, KN_FIELD(placements) KN_FIELD(reason) KN_FIELD(decision) KN_FIELD(steps))
KN_CODEC(SelectDestinationsRefused, v1::SelectDestinationsRefused, KN_FIELD(cast_number) KN_FIELD(placements))
KN_CODEC(SchedulerHeartbeat, v1::SchedulerHeartbeat,
         KN_FIELD(cast_watermark) KN_FIELD(decisions) KN_FIELD(debits) KN_FIELD(cpu_allocation_ratio)
             KN_FIELD(ram_allocation_ratio) KN_FIELD(disk_allocation_ratio))
KN_CODEC(BuildAndRunInstance, v1::BuildAndRunInstance,
         KN_FIELD(host) KN_FIELD(placement) KN_FIELD(attempt) KN_FIELD(operation) KN_FIELD(name) KN_FIELD(hostname)
             KN_FIELD(trace) KN_FIELD(spec) KN_FIELD(alternates) KN_FIELD(faults) KN_FIELD(steps) KN_FIELD(decision)
                 KN_FIELD(shares_with) KN_FIELD(ticket))
KN_CODEC(HostUsage, v1::HostUsage,
         KN_FIELD(host) KN_FIELD(version) KN_FIELD(total) KN_FIELD(used) KN_FIELD(instances) KN_FIELD(settled))
KN_CODEC(UsageUpdate, v1::UsageUpdate, KN_FIELD(full) KN_FIELD(hosts))

}  // namespace kilonova::rpc
