// Every metric that a daemon may show, by Prometheus' conventions (https://prometheus.io/docs/practices/naming): the one
// list that pages, docs/metrics.md and their tests have. A label has few values, all of them ours: never a uuid, a host's
// name or a client's text.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace kilonova {

enum class MetricType : uint8_t { kCounter, kGauge, kHistogram };
std::string_view to_string(MetricType type);  // "counter"

struct Metric {
  std::string_view name;  // "kilonova_launches_total"
  MetricType type;
  std::string_view labels;  // their names, in the order of their values: "service,status"; "" = none
  std::string_view help;
};

// In the order of docs/metrics.md.
std::span<const Metric* const> all_metrics();

namespace metric {

// ---- every daemon
extern const Metric kDaemonInfo;
extern const Metric kResidentMemory;
extern const Metric kCpu;
extern const Metric kOpenFiles;
extern const Metric kStartTime;
extern const Metric kLoopTurns;
extern const Metric kSlowTurns;
extern const Metric kPeers;
extern const Metric kQueuedMessages;
extern const Metric kStepDuration;
extern const Metric kStepFailures;
extern const Metric kScrapes;
extern const Metric kSpans;
extern const Metric kSpansWaiting;

// ---- the daemons with a store: controller, network-controller
extern const Metric kCommits;
extern const Metric kCommitGroups;
extern const Metric kCommitQueue;

// ---- controller
extern const Metric kLaunches;
extern const Metric kLaunchRetries;
extern const Metric kLaunchesUnderWay;
extern const Metric kServers;
extern const Metric kServersInTransition;
extern const Metric kHosts;
extern const Metric kClaimConflicts;
extern const Metric kFaultStrikes;
extern const Metric kRevision;

// ---- scheduler
extern const Metric kDecisions;
extern const Metric kSchedulerHosts;
extern const Metric kDebits;

// ---- compute
extern const Metric kGuests;
extern const Metric kBuilds;
extern const Metric kImageDownloads;
extern const Metric kAddressReleases;

// ---- network
extern const Metric kNetworks;
extern const Metric kPorts;
extern const Metric kServersWithAddresses;
extern const Metric kReleaseFences;

// ---- api
extern const Metric kHttpRequests;
extern const Metric kHttpDuration;
extern const Metric kHttpConnections;
extern const Metric kCallsInFlight;

}  // namespace metric
}  // namespace kilonova
