// `kilonova bench launch`: how fast this cloud launches.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "cli/load/failures.h"
#include "cli/load/latency.h"
#include "cli/load/process_usage.h"
#include "cli/load/work_project.h"

namespace kilonova::cli {

struct BenchOptions {
  size_t count = 1000;  // servers
  size_t clients = 1;   // callers at once; each waits until all of its batch are ACTIVE before it asks for the next
  size_t batch = 1;     // servers a call
  std::string flavor = "m1.tiny";
  std::string image = "cirros";
};

struct BenchResult {
  size_t launched = 0;              // ACTIVE
  Duration took;                    // from the first call to the last server settled
  std::vector<Duration> latencies;  // of each ACTIVE server, from its call to its event
  Failures failures;
  std::vector<DaemonCost> costs;
  std::vector<Uuid> servers;  // all that exist now
};

// Launches them all. An error when the cloud went away; then what was launched stays.
Expected<BenchResult> run_bench(Session& session, const BenchOptions& options, std::vector<CloudDaemon> daemons);

// Deletes the servers, 64 at a time, and waits until they are gone; how long that took.
Expected<Duration> delete_servers(Session& session, const std::vector<Uuid>& servers);

}  // namespace kilonova::cli
