#include "rpc/convert/fields.h"

namespace kilonova::rpc {

KN_CODEC(HostInfo, v1::HostInfo, KN_FIELD(name) KN_FIELD(zone) KN_FIELD(total))
KN_CODEC(GuestInfo, v1::GuestInfo, KN_FIELD(host) KN_FIELD(placement) KN_FIELD(power_state) KN_FIELD(built))
KN_CODEC(RegisterHosts, v1::RegisterHosts, KN_FIELD(hosts) KN_FIELD(guests) KN_FIELD(last))
KN_CODEC(ComputeHeartbeat::Unfinished, v1::UnfinishedBuild, KN_FIELD(host) KN_FIELD(placement))
KN_CODEC(ComputeHeartbeat, v1::ComputeHeartbeat, KN_FIELD(hosts_down) KN_FIELD(unfinished))
KN_CODEC(InstanceReport, v1::InstanceReport,
         KN_FIELD(host) KN_FIELD(placement) KN_FIELD(attempt) KN_FIELD(result) KN_FIELD(step) KN_FIELD(trace)
             KN_FIELD(steps) KN_FIELD(decision) KN_FIELD(addresses) KN_FIELD(fault) KN_FIELD(alternates))
KN_CODEC(InstanceTerminated, v1::InstanceTerminated, KN_FIELD(host) KN_FIELD(placement))
KN_CODEC(ServerActionDone, v1::ServerActionDone,
         KN_FIELD(host) KN_FIELD(placement) KN_FIELD(operation) KN_FIELD(power_state) KN_FIELD(fault))
KN_CODEC(RegisterHostsAnswer::Refused, v1::RefusedHost, KN_FIELD(host) KN_FIELD(reason))
KN_CODEC(RegisterHostsAnswer, v1::RegisterHostsAnswer, KN_FIELD(refused))
KN_CODEC(ReportAnswer, v1::ReportAnswer, KN_FIELD(host) KN_FIELD(placement) KN_FIELD(verdict))
KN_CODEC(TerminateInstance, v1::TerminateInstance, KN_FIELD(host) KN_FIELD(placement) KN_FIELD(trace))
KN_CODEC(ApplyServerAction, v1::ApplyServerAction,
         KN_FIELD(host) KN_FIELD(placement) KN_FIELD(operation) KN_FIELD(action) KN_FIELD(trace) KN_FIELD(image)
             KN_FIELD(faults))
KN_CODEC(CacheImages, v1::CacheImages, KN_FIELD(hosts) KN_FIELD(images))
KN_CODEC(HostsDeleted, v1::HostsDeleted, KN_FIELD(of) KN_FIELD(hosts))

}  // namespace kilonova::rpc
