#include "rpc/convert/fields.h"

namespace kilonova::rpc {

KN_CODEC(Error, v1::Error, KN_FIELD(code) KN_FIELD(message))
KN_CODEC(PeerId, v1::PeerId, KN_FIELD(role) KN_FIELD(index))
KN_CODEC(Resources, v1::Resources, KN_FIELD(vcpus) KN_FIELD(memory_mb) KN_FIELD(disk_gb))
KN_CODEC(MetadataItem, v1::MetadataItem, KN_FIELD(key) KN_FIELD(value))
KN_CODEC(Flavor, v1::Flavor,
         KN_FIELD(id) KN_FIELD(name) KN_FIELD(vcpus) KN_FIELD(memory_mb) KN_FIELD(root_gb) KN_FIELD(ephemeral_gb)
             KN_FIELD(swap_mb) KN_FIELD(is_public) KN_FIELD(extra_specs) KN_FIELD(description) KN_FIELD(projects)
                 KN_FIELD(rxtx_factor))

KN_CODEC(StepRecord, v1::StepRecord,
         KN_FIELD(step) KN_FIELD(epoch) KN_FIELD(attempt) KN_FIELD(daemon) KN_FIELD(host) KN_TIME(start)
             KN_TIME(duration) KN_FIELD(fault) KN_FIELD(fault_rule))
KN_CODEC(FilterCount, v1::FilterCount, KN_FIELD(filter) KN_FIELD(hosts_left))
KN_CODEC(WeigherScore, v1::WeigherScore, KN_FIELD(weigher) KN_FIELD(raw) KN_FIELD(weight) KN_FIELD(multiplier))
KN_CODEC(WeighedHost, v1::WeighedHost, KN_FIELD(host) KN_FIELD(weight) KN_FIELD(scores))
KN_CODEC(AllocationRatios, v1::AllocationRatios, KN_FIELD(vcpus) KN_FIELD(memory) KN_FIELD(disk))
KN_CODEC(Decision, v1::Decision,
         KN_FIELD(epoch) KN_FIELD(attempt) KN_FIELD(scheduler) KN_FIELD(driver) KN_FIELD(hosts_total) KN_FIELD(filters)
             KN_FIELD(weighed) KN_FIELD(chosen) KN_FIELD(alternates) KN_FIELD(from_alternates) KN_FIELD(reason)
                 KN_FIELD(explanation) KN_FIELD(ratios))

}  // namespace kilonova::rpc
