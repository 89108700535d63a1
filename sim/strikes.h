// Which kind of fault struck which launch step, and how often: what an exploration has covered.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/launch_steps.h"
#include "domain/messages.h"

namespace kilonova::sim {

class Strikes {
 public:
  using Key = std::pair<std::string, LaunchStep>;

  // kNone: no launch was hit.
  void count(std::string_view fault, LaunchStep step) { counts_[{std::string(fault), step}] += 1; }
  void add(const Strikes& other) {
    for (const auto& [key, count] : other.counts_) counts_[key] += count;
  }
  void add(const std::string& fault, LaunchStep step, uint64_t count) { counts_[{fault, step}] += count; }
  const std::map<Key, uint64_t>& counts() const { return counts_; }

 private:
  std::map<Key, uint64_t> counts_;
};

// A pair of fault and launch step that was never struck.
struct Gap {
  std::string fault;
  LaunchStep step = LaunchStep::kNone;
  std::string_view reason;  // why it cannot be; "" when it can, and many seeds should have struck it
};

// Of all faults of the profile `swarm` at all steps that the messages they touch carry, or that the daemons they strike have
// a part in. (latency, service_time, slow_hypervisors, tight_quota and small_hosts are how a world is, and strike nothing.)
std::vector<Gap> find_gaps(const Strikes& strikes);
// The kinds that struck no launch at any step.
std::vector<std::string> find_unstruck(const Strikes& strikes);
// The kinds that a key of a profile counts as; none for what says how a world is.
std::vector<std::string> kinds_of_key(std::string_view key);
bool is_kind_of_fault(std::string_view kind);
std::string kind_of(std::string_view fault, PeerId of);  // "kill compute"

// The step that does not happen, or is not heard of, when the message is lost. kNone for what belongs to no launch.
LaunchStep step_of(const Message& message);
// The step that its receiver is to do for it.
LaunchStep work_of(const Message& message);

}  // namespace kilonova::sim
