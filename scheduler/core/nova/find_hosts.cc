#include <algorithm>
#include <numeric>

#include "scheduler/core/nova/schedule.h"

namespace kilonova::scheduler::nova {
namespace {

struct SortedHosts {
  Places places;
  std::vector<double> weights;
  std::optional<Failure> failure;
};

SortedHosts get_sorted_hosts(std::span<const HostState> hosts, const Places& considered, const RequestSpec& spec,
                             const Options& options, int64_t index) {
  FilteredHosts filtered = get_filtered_hosts(hosts, considered, spec, options, index);
  if (filtered.failure) return {{}, {}, std::move(filtered.failure)};
  WeighedHosts weighed = get_weighed_hosts(hosts, filtered.left, spec, options);
  return {std::move(weighed.order), std::move(weighed.weights), std::move(weighed.failure)};
}

// The filters of the next instances of a group look at what this one has made of the host and the group.
void consume_selected_host(HostState& host, RequestSpec& spec) {
  consume_from_request(host, spec);
  if (!spec.instance_group) return;
  spec.instance_group->hosts.push_back(host.host);
  host.instances.add(spec.instance_uuid);
}

Places alternates_of(std::span<const HostState> hosts, const ChosenHost& chosen, const FoundHosts& found,
                     const Places& sorted, size_t count) {
  Places alternates;
  for (uint32_t place : sorted) {
    if (alternates.size() == count) break;
    if (hosts[place].cell_uuid == hosts[chosen.host].cell_uuid &&
        std::ranges::count(found.chosen, place, &ChosenHost::host) == 0)
      alternates.push_back(place);
  }
  return alternates;
}

}  // namespace

FoundHosts find_hosts(std::span<HostState> hosts, RequestSpec& spec, const std::vector<std::string>& instance_uuids,
                      const Options& options, size_t alternate_count) {
  FoundHosts found;
  SortedHosts sorted;
  sorted.places.resize(hosts.size());
  std::iota(sorted.places.begin(), sorted.places.end(), uint32_t{0});
  int64_t index = -1;
  for (const std::string& uuid : instance_uuids) {
    spec.instance_uuid = uuid;
    sorted = get_sorted_hosts(hosts, sorted.places, spec, options, ++index);
    found.failure = std::move(sorted.failure);
    found.no_valid_host = !found.failure && sorted.places.empty();
    if (found.failure || found.no_valid_host) return found;
    found.chosen.push_back({sorted.places.front(), sorted.places.size(), sorted.weights.front()});
    consume_selected_host(hosts[sorted.places.front()], spec);
  }
  // The chosen ones have less room now, so that of several instances the hosts are looked at once more.
  if (index > 0 && alternate_count > 0) sorted = get_sorted_hosts(hosts, sorted.places, spec, options, index);
  found.failure = std::move(sorted.failure);
  if (found.failure) return found;
  for (const ChosenHost& chosen : found.chosen)
    found.alternates.push_back(alternates_of(hosts, chosen, found, sorted.places, alternate_count));
  return found;
}

}  // namespace kilonova::scheduler::nova
