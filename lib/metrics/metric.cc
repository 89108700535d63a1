#include "metrics/metric.h"

#include <array>

namespace kilonova {

std::string_view to_string(MetricType type) {
  switch (type) {
    case MetricType::kCounter: return "counter";
    case MetricType::kGauge: return "gauge";
    case MetricType::kHistogram: return "histogram";
  }
  return "";
}

namespace metric {

using enum MetricType;

const Metric kDaemonInfo{"kilonova_daemon_info", kGauge, "daemon,role", "Which daemon this is; always 1"};
const Metric kResidentMemory{"process_resident_memory_bytes", kGauge, "", "Resident memory of the process"};
const Metric kCpu{"process_cpu_seconds_total", kCounter, "", "User and system CPU time that the process has used"};
const Metric kOpenFiles{"process_open_fds", kGauge, "", "Open file descriptors, sockets among them"};
const Metric kStartTime{"process_start_time_seconds", kGauge, "", "When the process started, since the Unix epoch"};
const Metric kLoopTurns{"kilonova_loop_turn_duration_seconds", kHistogram, "",
                        "Turns of the loop that owns the daemon's state: how long each was busy"};
const Metric kSlowTurns{"kilonova_loop_slow_turns_total", kCounter, "",
                        "Turns of the loop that took more than 10 ms: whatever else came had to wait so long"};
const Metric kPeers{"kilonova_peers_connected", kGauge, "role", "Other daemons that are connected, by role"};
const Metric kQueuedMessages{"kilonova_peer_queue_messages", kGauge, "",
                             "Messages to other daemons that are not sent, or not acknowledged yet"};
const Metric kStepDuration{"kilonova_launch_step_duration_seconds", kHistogram, "step",
                           "Steps of launches that this daemon did, failed ones too, by step"};
const Metric kStepFailures{"kilonova_launch_step_failures_total", kCounter, "step",
                           "Steps of launches that failed in this daemon, by step"};
const Metric kScrapes{"kilonova_metrics_scrapes_total", kCounter, "", "Pages of metrics that were asked for"};

const Metric kSpans{"kilonova_otlp_spans_total", kCounter, "result",
                    "Spans for the collector of --otlp-endpoint, by result: sent or dropped"};
const Metric kSpansWaiting{"kilonova_otlp_waiting_spans", kGauge, "", "Spans that wait to be sent to the collector"};

const Metric kCommits{"kilonova_store_commits_total", kCounter, "result",
                      "Transactions of the store, by result: ok or refused"};
const Metric kCommitGroups{"kilonova_store_commit_group_size", kHistogram, "",
                           "Transactions that one write of the store took together"};
const Metric kCommitQueue{"kilonova_store_queue_transactions", kGauge, "", "Transactions that wait for the store"};

const Metric kLaunches{"kilonova_launches_total", kCounter, "result",
                       "Launches that ended, by result: active, error or deleted"};
const Metric kLaunchRetries{"kilonova_launch_retries_total", kCounter, "",
                            "Launches that went to another host because one had failed"};
const Metric kLaunchesUnderWay{"kilonova_placements_under_way", kGauge, "",
                               "Placements that the controller drives now: launches, moves and rebuilds"};
const Metric kServers{"kilonova_servers", kGauge, "state", "Servers, by vm_state"};
const Metric kServersInTransition{"kilonova_servers_in_transition", kGauge, "", "Servers that have a task state"};
const Metric kHosts{"kilonova_hosts", kGauge, "state", "Hosts, by state: up, disabled, down or forced_down"};
const Metric kClaimConflicts{"kilonova_claim_conflicts_total", kCounter, "",
                             "Claims that hosts refused: what the scheduler knew of them was old"};
const Metric kFaultStrikes{"kilonova_fault_strikes_total", kCounter, "effect", "Strikes of fault rules, by effect"};
const Metric kRevision{"kilonova_revision", kGauge, "", "Number of the newest committed change of a server"};

const Metric kDecisions{"kilonova_scheduler_decisions_total", kCounter, "", "Servers that a host was sought for"};
const Metric kSchedulerHosts{"kilonova_scheduler_hosts", kGauge, "", "Hosts that this scheduler knows"};
const Metric kDebits{"kilonova_scheduler_debits", kGauge, "",
                     "Promises of capacity that the hosts have not confirmed yet"};

const Metric kGuests{"kilonova_guests", kGauge, "",
                     "Servers of which a host of this process has a guest, or that it works on"};
const Metric kBuilds{"kilonova_builds_under_way", kGauge, "",
                     "Placements that hosts of this process build, or whose end the controller has not confirmed"};
const Metric kImageDownloads{"kilonova_image_downloads_under_way", kGauge, "", "Images that hosts are fetching"};
const Metric kAddressReleases{"kilonova_unconfirmed_releases", kGauge, "",
                              "Addresses given back that the network-controller has not confirmed"};

const Metric kNetworks{"kilonova_networks", kGauge, "", "Networks"};
const Metric kPorts{"kilonova_ports", kGauge, "", "Ports that exist beside the servers' own addresses"};
const Metric kServersWithAddresses{"kilonova_servers_with_addresses", kGauge, "", "Servers that hold addresses"};
const Metric kReleaseFences{"kilonova_release_fences", kGauge, "", "Released placements that are remembered"};

const Metric kHttpRequests{"kilonova_http_requests_total", kCounter, "service,status",
                           "HTTP requests that were answered, by service of the route and by status"};
const Metric kHttpDuration{"kilonova_http_request_duration_seconds", kHistogram, "service",
                           "HTTP requests: from the whole request to its answer, by service of the route"};
const Metric kHttpConnections{"kilonova_http_connections", kGauge, "", "Open connections of HTTP clients"};
const Metric kCallsInFlight{"kilonova_api_calls_in_flight", kGauge, "",
                            "Calls of clients, over gRPC and HTTP, that the controller has not answered yet"};

}  // namespace metric

std::span<const Metric* const> all_metrics() {
  using namespace metric;
  static constexpr auto kAll = std::to_array<const Metric*>({&kDaemonInfo,
                                                             &kResidentMemory,
                                                             &kCpu,
                                                             &kOpenFiles,
                                                             &kStartTime,
                                                             &kLoopTurns,
                                                             &kSlowTurns,
                                                             &kPeers,
                                                             &kQueuedMessages,
                                                             &kStepDuration,
                                                             &kStepFailures,
                                                             &kScrapes,
                                                             &kSpans,
                                                             &kSpansWaiting,
                                                             &kCommits,
                                                             &kCommitGroups,
                                                             &kCommitQueue,
                                                             &kLaunches,
                                                             &kLaunchRetries,
                                                             &kLaunchesUnderWay,
                                                             &kServers,
                                                             &kServersInTransition,
                                                             &kHosts,
                                                             &kClaimConflicts,
                                                             &kFaultStrikes,
                                                             &kRevision,
                                                             &kDecisions,
                                                             &kSchedulerHosts,
                                                             &kDebits,
                                                             &kGuests,
                                                             &kBuilds,
                                                             &kImageDownloads,
                                                             &kAddressReleases,
                                                             &kNetworks,
                                                             &kPorts,
                                                             &kServersWithAddresses,
                                                             &kReleaseFences,
                                                             &kHttpRequests,
                                                             &kHttpDuration,
                                                             &kHttpConnections,
                                                             &kCallsInFlight});
  return kAll;
}

}  // namespace kilonova
