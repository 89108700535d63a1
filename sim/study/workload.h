// What a study replays: recorded hosts, and recorded requests with their arrivals and departures. Pure data.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/messages.h"
#include "domain/resources.h"

namespace kilonova::study {

// Bounds of what is replayed: a file beyond them is refused before anything runs.
inline constexpr size_t kMaxHosts = 200'000;
inline constexpr size_t kMaxRequests = 1'000'000;

struct Request {
  Resources amount;                   // GPUs, where they are studied, stand in the place of the disk, in thousandths
  Duration arrival;                   // since the first moment of the file's time axis, not negative
  std::optional<Duration> departure;  // not before the arrival; absent = stays
};

struct Workload {
  std::vector<HostInfo> hosts;    // at most kMaxHosts, each name once
  std::vector<Request> requests;  // at most kMaxRequests
};

struct WorkloadEvent {
  Duration time;
  bool is_arrival = false;
  size_t request = 0;  // index into Workload::requests
};

// Every arrival and departure, in order of time; of one time: departures, arrivals as in the file, then departures of
// those that leave as they come.
std::vector<WorkloadEvent> events_of(const std::vector<Request>& requests);

}  // namespace kilonova::study
