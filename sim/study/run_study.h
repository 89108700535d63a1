// One run of a study: a workload under one scheduler setting and one seed, in virtual time. The schedulers are the
// daemons' SchedulerCore, which of them is asked is the controller's rule, claims and usage are the compute process's;
// between them messages take their time, so that several schedulers decide on views that are behind, and their claims
// meet. The same workload, setting and seed give the same run, to the bit, but for the decision times.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "scheduler/core/options.h"
#include "sim/study/fleet_measures.h"
#include "sim/study/workload.h"

namespace kilonova::study {

inline constexpr uint32_t kMaxSchedulers = 64;
inline constexpr size_t kSamples = 100;

struct RunOptions {
  scheduler::SchedulerOptions scheduler;    // must be valid: validate()
  uint32_t schedulers = 1;                  // from 1 to kMaxSchedulers
  Duration latency_min = microseconds(50);  // of every message, as in the simulation's network
  Duration latency_max = microseconds(200);
  // Hosts are registered in an order that the seed draws: it breaks ties between hosts of like weight.
  bool shuffle_hosts = true;
  bool has_gpus = false;  // the third resource is GPUs: in reasons
  uint64_t seed = 1;
};

struct Sample {
  Duration time;  // since the first arrival
  FleetReading fleet;
  uint64_t servers = 0;    // on hosts
  uint64_t refused = 0;    // so far
  uint64_t conflicts = 0;  // so far
};

struct RunResult {
  uint64_t placed = 0;
  uint64_t refused = 0;
  uint64_t conflicts =
      0;  // claims that a host refused: the scheduler's view was behind, or the driver asks for no room
  uint64_t decisions = 0;
  std::map<std::string, uint64_t> refusals;  // by reason
  std::vector<Sample> samples;               // kSamples + 1, evenly over time; the last one is the end
  FleetReading mean;                         // over time, of the samples
  uint64_t digest = 0;                       // of which request got which host, or why none
  // Measured, in nanoseconds, ascending: what each decision took. Not the same twice.
  std::vector<uint32_t> decision_ns;
};

// Reads a steady clock, in nanoseconds: the one thing that a run does not draw from its seed.
using ReadClock = std::function<int64_t()>;

// The workload must have a host and a request.
RunResult run_study(const Workload& workload, const RunOptions& options, const ReadClock& clock);

}  // namespace kilonova::study
