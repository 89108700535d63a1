#include "sim/study/workload.h"

#include <algorithm>
#include <tuple>

namespace kilonova::study {

std::vector<WorkloadEvent> events_of(const std::vector<Request>& requests) {
  std::vector<WorkloadEvent> events;
  events.reserve(requests.size() * 2);
  for (size_t i = 0; i < requests.size(); ++i) {
    events.push_back({requests[i].arrival, true, i});
    if (requests[i].departure) events.push_back({*requests[i].departure, false, i});
  }
  // What leaves makes room for what comes; what leaves as it comes has to come first.
  auto rank = [&](const WorkloadEvent& event) {
    if (event.is_arrival) return 1;
    return requests[event.request].arrival == event.time ? 2 : 0;
  };
  std::ranges::sort(events, [&](const WorkloadEvent& a, const WorkloadEvent& b) {
    return std::tuple(a.time, rank(a), a.request) < std::tuple(b.time, rank(b), b.request);
  });
  return events;
}

}  // namespace kilonova::study
