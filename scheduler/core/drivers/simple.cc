#include "scheduler/core/drivers/simple.h"

#include <algorithm>
#include <tuple>

namespace kilonova::scheduler {

SimpleDriver::SimpleDriver(const SchedulerOptions& options)
    : filters_({"EnabledFilter", "MaxCoresFilter", "UpFilter"}, options) {}

std::vector<HostIndex> SimpleDriver::select_hosts(const HostManager& hosts, const SchedulingRequest& request,
                                                  size_t wanted, Random&, Decision& decision) const {
  struct Candidate {
    int64_t vcpus;
    size_t place;  // in registration order
    HostIndex host;
  };
  std::vector<Candidate> candidates;
  for (HostIndex host : get_filtered_hosts(hosts, filters_.of(request), request, decision))
    candidates.push_back({hosts.host(host).used().vcpus, candidates.size(), host});
  size_t taken = std::min(wanted, candidates.size());
  std::partial_sort(
      candidates.begin(), candidates.begin() + static_cast<ptrdiff_t>(taken), candidates.end(),
      [](const Candidate& a, const Candidate& b) { return std::tie(a.vcpus, a.place) < std::tie(b.vcpus, b.place); });
  std::vector<HostIndex> least;
  for (size_t i = 0; i < taken; ++i) least.push_back(candidates[i].host);
  return least;
}

}  // namespace kilonova::scheduler
