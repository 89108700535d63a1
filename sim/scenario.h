// A scenario is a small file that tells a cloud what to do and what is to happen to it, line by line, `#` begins a comment.
// tests/sim/scenarios has them, each with the launch steps that it must give; `kilonova sim run --scenario FILE` plays one.
//
// First, what the cloud is like (all may be left out):
//   hosts 4 | compute-processes 2 | schedulers 2 | host-size VCPUS MEMORY_MB DISK_GB | timing instant|realistic
// Then, in the order in which it happens; time passes in `when`, `wait` and `settle` only:
//   launch [COUNT [FLAVOR]]      one call that creates so many servers; its client asks until it is answered
//   delete-server N, act ACTION N     the N-th server whose creation was logged; actions: domain/server_actions.h
//   when STEP                    until some server has done this launch step
//   when committed               until a change of a row has become durable, and before its controller knows it
//   wait DURATION                20s, 500ms
//   lose MESSAGE | lose once MESSAGE | deliver         messages of this name vanish; deliver: no longer
//   kill NODE | start NODE | restart NODE              compute-0, scheduler-1, controller-0 ...
//   crash-host HOST | start-host HOST | cut-power NODE
//   refuse-once NODE                                   its disk refuses the next transaction
//   slow-disk NODE DURATION                            a commit takes so long
//   keep-unanswered NODE                               when it dies, commits that it waited for have become durable
//   cut NODE NODE | cut-one-way FROM TO | heal
//   at TIME ...                  a line of `kilonova play` (docs/play.md): it happens while time passes, by its time from now on
//   settle                       faults are over; 7 minutes later all must be settled, as after every simulated run
//   expect COUNT active|stopped|error|building|guests
// All safety checkers of a simulated run watch meanwhile: what they find is a failure of the line that let time pass.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sim/lying_store.h"
#include "sim/network/sim_network.h"
#include "sim/sim_log.h"

namespace kilonova::sim {

struct ScenarioResult {
  std::vector<LoggedStep> steps;
  std::vector<std::string> events;    // what the daemons said
  std::vector<std::string> failures;  // "FILE:LINE: ...": what was expected and did not come
};

struct ScenarioOptions {
  SimNetwork::Codec codec;  // every message goes through it
  StoreBugs bugs;           // planted bugs
};

// kInvalidArgument with file, line, the bad word and what would be right. Plays in virtual time; no seed: nothing is drawn
// but latencies.
Expected<ScenarioResult> play_scenario(std::string_view text, std::string_view file_name,
                                       const ScenarioOptions& options = {});

// A line a step: "server 1 12 guest_started epoch 1 attempt 1 compute-0 host-00000".
std::string transcript_of(const std::vector<LoggedStep>& steps);

}  // namespace kilonova::sim
