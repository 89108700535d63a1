// Nova's filters as plain functions of a host and a request. Each has a file of its name beside this one.
//
// To add one: its file, its line below, its row in filters.cc, its tests.
#pragma once

#include <span>
#include <string_view>

#include "scheduler/core/nova/host_state.h"
#include "scheduler/core/nova/options.h"
#include "scheduler/core/nova/request_spec.h"
#include "scheduler/core/python_object.h"

namespace kilonova::scheduler::nova {

// True when the host passes. The error is the exception that Nova's class raises, which fails the whole request.
using HostPasses = PythonResult<bool> (*)(const HostState& host, const RequestSpec& spec, const Options& options);

enum class Runs {
  kForEachInstance,  // of a request
  kOncePerRequest,   // for its first instance alone
};
enum class OnRebuild { kPassesAll, kRuns };

struct Filter {
  std::string_view name;
  Runs runs;
  OnRebuild on_rebuild;
  HostPasses host_passes;
};

// All of Nova 26.2, by name.
std::span<const Filter> filters();
// Nothing when Nova has no filter of that name.
const Filter* find_filter(std::string_view name);

PythonResult<bool> aggregate_image_properties_isolation(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> aggregate_instance_extra_specs_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> aggregate_io_ops_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> aggregate_multi_tenancy_isolation(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> aggregate_num_instances_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> aggregate_type_affinity_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> availability_zone_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> compute_capabilities_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> compute_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> different_host_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> image_properties_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> io_ops_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> isolated_hosts_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> json_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> metrics_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> numa_topology_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> num_instances_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> pci_passthrough_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> same_host_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> server_group_affinity_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> server_group_anti_affinity_filter(const HostState&, const RequestSpec&, const Options&);
PythonResult<bool> simple_cidr_affinity_filter(const HostState&, const RequestSpec&, const Options&);

}  // namespace kilonova::scheduler::nova
