// One decision as Nova takes it: hosts are set apart by name, filtered, weighed, and the best is chosen. Nova:
// HostManager.get_filtered_hosts and get_weighed_hosts (nova/scheduler/host_manager.py),
// SchedulerManager._legacy_find_hosts (nova/scheduler/manager.py), with host_subset_size 1 and no shuffling.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/core/nova/host_state.h"
#include "scheduler/core/nova/options.h"
#include "scheduler/core/nova/request_spec.h"
#include "scheduler/core/python_object.h"

namespace kilonova::scheduler::nova {

// Places in the list of hosts.
using Places = std::vector<uint32_t>;

// Where Nova raised an exception: the request fails.
struct Failure {
  std::string in;  // the filter or weigher
  PythonError error;
};

struct FilterRun {
  std::string_view filter;
  Places left;
};

struct FilteredHosts {
  Places start;                 // what the first filter was given
  std::vector<FilterRun> runs;  // those that ended
  Places left;
  std::optional<Failure> failure;
};

// `considered` in this order; `index` counts the instances of one request. The names of the options' filters must be
// known.
FilteredHosts get_filtered_hosts(std::span<const HostState> hosts, const Places& considered, const RequestSpec& spec,
                                 const Options& options, int64_t index = 0);

struct WeigherRun {
  std::string_view weigher;
  std::vector<PythonNumber> raw;  // each list as `left` of the filters
  std::vector<double> normalised;
  bool all_alike = false;  // Nova then says 0, the integer
  std::vector<double> multipliers;
};

struct WeighedHosts {
  std::vector<WeigherRun> runs;  // none when there is but one host
  Places order;                  // best first; equal ones as they came
  std::vector<double> weights;   // as `order`
  std::optional<Failure> failure;
};

// The names of the options' weighers must be known.
WeighedHosts get_weighed_hosts(std::span<const HostState> hosts, const Places& left, const RequestSpec& spec,
                               const Options& options);

struct ChosenHost {
  uint32_t host = 0;
  size_t hosts_left = 0;  // by the filters
  double weight = 0;
};

struct FoundHosts {
  std::vector<ChosenHost> chosen;  // one for each instance; their amounts are consumed, whatever comes after
  std::vector<Places> alternates;  // as `chosen`
  std::optional<Failure> failure;
  bool no_valid_host = false;
};

// Finds a host for each instance and takes from it what the instance will use; then up to `alternate_count` further
// ones in the cell of each. Changes the request as Nova does: its instance_uuid, and the hosts of its group.
FoundHosts find_hosts(std::span<HostState> hosts, RequestSpec& spec, const std::vector<std::string>& instance_uuids,
                      const Options& options, size_t alternate_count = 2);

}  // namespace kilonova::scheduler::nova
