// What goes wrong in a simulated cloud, how often and for how long. `none`, `network` and `crash` are fixed; `swarm` is a
// mix drawn from the seed, so that many seeds see many worlds.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "sim/sim_network.h"

namespace kilonova::sim {

// Something that strikes again and again: the mean time between two strikes over the whole cloud (0 = never), and how
// long one lasts at most.
struct Recurring {
  Duration every;
  Duration lasts;
};

struct FaultProfile {
  std::string name = "none";
  NetworkFaults network;  // all the time
  Recurring cut;          // between two nodes, one way or both
  Recurring disconnect;   // `lasts` means nothing: it comes back by itself
  Recurring kill_controller;
  Recurring kill_scheduler;
  Recurring kill_network;
  Recurring kill_compute;
  Recurring kill_api;
  Recurring full_disk;    // a store that refuses everything
  Recurring refusal;      // one transaction refused
  Recurring slow_disk;
  Recurring skew;         // a wall clock that jumps by up to `lasts`, either way, and stays wrong
  bool rules = false;     // some launches are struck by fault rules, as `kilonova fault add` makes them
};

// Nothing for an unknown name.
std::optional<FaultProfile> make_profile(std::string_view name, Random& random);
inline constexpr std::string_view kProfileNames = "none, network, crash, swarm";

}  // namespace kilonova::sim
