// What goes wrong in one simulated cloud, how often and for how long. A seed draws it from a profile's file
// (fault_profile_file.h).
#pragma once

#include <string>

#include "base/time.h"
#include "sim/network/sim_network.h"

namespace kilonova::sim {

// Something that strikes again and again: the mean time between two strikes over the whole cloud (0 = never), and how
// long one lasts at most.
struct Recurring {
  Duration every;
  Duration lasts;
};

struct FaultProfile {
  NetworkFaults network;  // all the time
  Recurring cut;          // between two nodes, one way or both
  Recurring clog;         // between two nodes: frames wait
  Recurring narrow;       // between two nodes: 1 kB/s
  Recurring deaf;         // as a cut, one way, for hours
  Recurring weary_disk;   // as a slow disk, for hours
  Recurring disconnect;   // `lasts` means nothing: it comes back by itself
  Recurring kill_controller;
  Recurring kill_scheduler;
  Recurring kill_network;
  Recurring kill_compute;  // the process; its guests live on
  Recurring kill_api;
  Recurring second_process;  // frozen, succeeded by another one of its identity, and thawed
  Recurring crash_host;      // one host; its process lives on, its guests are off
  Recurring cut_power;       // a compute process and all its guests
  Recurring slow_daemon;     // one that is busy long with every message
  Recurring full_disk;       // a store that refuses everything
  Recurring refusal;         // one transaction refused
  Recurring slow_disk;
  Recurring go_back;            // a store that loses its newest commits while its daemon is dead; `lasts` as of a kill
  Recurring reset_cloud;        // an operator resets the cloud; `lasts` means nothing
  Recurring liar;               // a compute process without hosts, with lies every second
  Recurring skew;               // a wall clock that jumps by up to `lasts`, either way, and stays wrong
  bool fault_rules = false;     // some launches are struck by fault rules, as `kilonova fault add` makes them
  double slow_hypervisors = 0;  // times the realistic timing model; 0 = they take no time
  bool tight_quota = false;     // a third of the launches fit
  bool small_hosts = false;     // the biggest flavor fits nowhere, and few of the others: NoValidHost is common
  bool calm = true;             // none of all this: nothing was drawn
};

}  // namespace kilonova::sim
