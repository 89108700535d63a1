// `kilonova replay`: a recorded workload on this cloud.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/client/session.h"
#include "cli/load/failures.h"
#include "cli/load/replay_plan.h"

namespace kilonova::cli {

struct ReplayOptions {
  std::optional<double> speed;  // the file's time runs so many times as fast; nothing = as fast as possible, order kept
  std::string image = "cirros";
  size_t at_once = 64;  // creates and deletes under way, at most
};

struct ReplayResult {
  size_t launched = 0;  // became ACTIVE
  size_t deleted = 0;
  size_t peak_servers = 0;  // ACTIVE at one time
  size_t hosts_used = 0;    // that had one at any time
  int64_t vcpus_launched = 0;
  Duration took;  // from the first request to the last launch settled
  std::vector<ReplayNote> refused;  // by the cloud, with its reason
};

// Makes the flavors that the plan needs and that are not there. For admins. kConflict when one of that name is of another size.
Expected<> make_replay_flavors(Session& session, const ReplayPlan& plan);

// Everything, in the plan's order. A launch that the cloud refuses is counted, not an error; a cloud that goes away is one.
Expected<ReplayResult> run_replay(Session& session, const ReplayPlan& plan, const ReplayOptions& options);

}  // namespace kilonova::cli
