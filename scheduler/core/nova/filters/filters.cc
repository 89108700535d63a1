#include <algorithm>
#include <array>

#include "scheduler/core/nova/filters/filter.h"

namespace kilonova::scheduler::nova {
namespace {

PythonResult<bool> all_hosts_filter(const HostState&, const RequestSpec&, const Options&) { return true; }

using enum Runs;
using enum OnRebuild;
constexpr auto kFilters = std::to_array<Filter>({
    {"AggregateImagePropertiesIsolation", kOncePerRequest, OnRebuild::kRuns, aggregate_image_properties_isolation},
    {"AggregateInstanceExtraSpecsFilter", kOncePerRequest, kPassesAll, aggregate_instance_extra_specs_filter},
    {"AggregateIoOpsFilter", kForEachInstance, kPassesAll, aggregate_io_ops_filter},
    {"AggregateMultiTenancyIsolation", kOncePerRequest, kPassesAll, aggregate_multi_tenancy_isolation},
    {"AggregateNumInstancesFilter", kForEachInstance, kPassesAll, aggregate_num_instances_filter},
    {"AggregateTypeAffinityFilter", kOncePerRequest, kPassesAll, aggregate_type_affinity_filter},
    {"AllHostsFilter", kOncePerRequest, kPassesAll, all_hosts_filter},
    {"AvailabilityZoneFilter", kOncePerRequest, kPassesAll, availability_zone_filter},
    {"ComputeCapabilitiesFilter", kOncePerRequest, kPassesAll, compute_capabilities_filter},
    {"ComputeFilter", kOncePerRequest, kPassesAll, compute_filter},
    {"DifferentHostFilter", kOncePerRequest, kPassesAll, different_host_filter},
    {"ImagePropertiesFilter", kOncePerRequest, OnRebuild::kRuns, image_properties_filter},
    {"IoOpsFilter", kForEachInstance, kPassesAll, io_ops_filter},
    {"IsolatedHostsFilter", kOncePerRequest, OnRebuild::kRuns, isolated_hosts_filter},
    {"JsonFilter", kForEachInstance, kPassesAll, json_filter},
    {"MetricsFilter", kForEachInstance, kPassesAll, metrics_filter},
    {"NUMATopologyFilter", kForEachInstance, kPassesAll, numa_topology_filter},
    {"NumInstancesFilter", kForEachInstance, kPassesAll, num_instances_filter},
    {"PciPassthroughFilter", kForEachInstance, kPassesAll, pci_passthrough_filter},
    {"SameHostFilter", kOncePerRequest, kPassesAll, same_host_filter},
    {"ServerGroupAffinityFilter", kForEachInstance, kPassesAll, server_group_affinity_filter},
    {"ServerGroupAntiAffinityFilter", kForEachInstance, kPassesAll, server_group_anti_affinity_filter},
    {"SimpleCIDRAffinityFilter", kOncePerRequest, kPassesAll, simple_cidr_affinity_filter},
});

}  // namespace

std::span<const Filter> filters() { return kFilters; }

const Filter* find_filter(std::string_view name) {
  auto found = std::ranges::find(kFilters, name, &Filter::name);
  return found == kFilters.end() ? nullptr : &*found;
}

}  // namespace kilonova::scheduler::nova
