// `kilonova bench flood`: more creates than a cloud can keep up with, and what became of each.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "cli/load/failures.h"
#include "cli/load/process_usage.h"
#include "cli/load/work_project.h"

namespace kilonova::cli {

struct FloodOptions {
  size_t count = 10'000;  // calls, a server each
  size_t clients = 64;    // calls under way at any time: each is followed by the next when it is answered
  std::string flavor = "m1.tiny";
  std::string image = "cirros";
};

struct FloodResult {
  size_t active = 0;  // of those admitted
  Failures refusals;  // calls that were answered with an error: nothing was made
  Failures failures;  // of those admitted
  Duration asked;     // from the first call to the last answer
  Duration settled;   // from the first call to the last admitted server settled
  std::vector<DaemonCost> costs;
  std::vector<Uuid> servers;  // admitted
};

// Returns when every call was answered and every admitted server has settled. An error when the cloud went away.
Expected<FloodResult> run_flood(Session& session, const FloodOptions& options, std::vector<CloudDaemon> daemons);

}  // namespace kilonova::cli
