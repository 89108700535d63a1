// One run of a simulated cloud: clients, faults, checkers, and what came of it. A run's options say everything about it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "domain/outside_events.h"
#include "sim/branches.h"
#include "sim/cloud.h"
#include "sim/fault_injector.h"
#include "sim/launch_outcomes.h"
#include "sim/readers.h"
#include "sim/workload.h"

namespace kilonova::sim {

struct RunOptions {
  uint64_t seed = 1;
  size_t hosts = 20;
  size_t compute_processes = 3;
  size_t schedulers = 2;
  size_t launches = 60;
  double groups = 0;                  // of the creates are in a server group
  std::string faults = "none";        // a profile's name or file
  std::vector<std::string> without;   // keys of the profile that are left out
  Duration duration;                  // of the launches' arrival; zero = as the profile asks
  std::string trace;                  // a server's name: its steps are kept
  std::vector<OutsideEvent> outside;  // happen meanwhile,
  std::string play;                   // of this file
  bool keep_events = false;
  bool keep_steps = false;                         // of all servers
  bool keep_history = false;                       // of what clients asked and were answered
  SimNetwork::Codec codec;                         // every message goes through it
  Readers::Serialize serialize;                    // answers to members are searched, as they are on the wire
  SimNetwork::Tap tap;                             // a planted bug
  StoreBugs bugs;                                  // planted bugs
  NetworkStoreLie network_lie;                     // a planted bug
  std::optional<AllocationRatios> claimed_ratios;  // a planted bug: claims go by these
  bool endless_windows = false;                    // a planted bug: the controller does nothing by itself
};

struct RunResult {
  RunOptions options;
  WorkloadCounters workload;
  std::map<std::string, uint64_t> refusals;
  std::map<std::string, uint64_t> servers;  // at the end, by status
  uint64_t records_made = 0;                // networks, images and key pairs
  uint64_t acknowledged_creates = 0;
  uint64_t acknowledged_deletes = 0;
  LaunchOutcomes::Counts launches;
  uint64_t faults = 0;                             // that really happened,
  std::map<std::string, uint64_t> faults_by_kind;  // of these kinds
  Ledger::Changes changes_checked;
  NetworkCounters network;
  uint64_t warnings = 0;
  uint64_t digest = 0;
  Duration virtual_time;
  Duration recovery;  // from the last fault until all was settled that clients had asked for
  Strikes strikes;
  BranchesReached branches;
  std::vector<std::string> violations;
  std::vector<LoggedStep> steps;      // of the traced server
  std::vector<LoggedStep> all_steps;  // where they are kept
  std::vector<std::string> events;
  std::vector<std::string> history;  // a line of JSON each: sim/client_history.h

  bool ok() const { return violations.empty(); }
};

// kInvalidArgument for a cloud without hosts; what FaultProfileFile::load says of the profile. Nothing is run.
Expected<> check_options(const RunOptions& options);
// What check_options() says of the options.
Expected<RunResult> run_simulation(const RunOptions& options);

// "kilonova sim run --seed 7 --hosts 20 ..."
std::string replay_command(const RunOptions& options);

}  // namespace kilonova::sim
