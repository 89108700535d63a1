// Fault profiles are small files, of lines `key = value`; `#` begins a comment.
//
//   lose_frame = 0.01                        a probability, for each frame
//   latency = 100us .. 50ms                  a range: each seed draws from it
//   cut = every 60s for 90s                  strikes every minute in the mean, and lasts up to 90 s
//   kill_compute = every 5s .. 120s for 8s .. 150s in 50%    in half of the worlds, drawn by the seed
//
// known_fault_keys() lists the keys; docs/simulation.md says what they do. The profiles none, network, crash, swarm and
// grey are part of the program (sim/profiles).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sim/fault_profile.h"

namespace kilonova::sim {

class FaultProfileFile {
 public:
  // kInvalidArgument with file name, line, the bad word and what would be right.
  static Expected<FaultProfileFile> parse(std::string_view text, std::string_view file_name);
  // The profile of that name, else the file of that path. kNotFound when there is neither.
  static Expected<FaultProfileFile> load(const std::string& name_or_path);

  // These keys are as if they were not in the file. kInvalidArgument for one that no file can have.
  Expected<> leave_out(const std::vector<std::string>& keys);
  // The keys of the file, in their order.
  std::vector<std::string> keys() const;

  // What this seed's world knows of it. Every key has a stream of randomness of its own: a new one shifts no other.
  FaultProfile draw(uint64_t seed) const;

 private:
  // Of numbers or microseconds.
  struct Range {
    double low = 0;
    double high = 0;
  };
  struct Entry {
    size_t key = 0;
    Range value;  // of a recurring fault: every
    Range lasts;
    double chance = 1;  // of being there at all
  };
  class Parser;

  std::vector<Entry> entries_;
};

// "none, network, crash, swarm, grey"
std::string shipped_profile_names();
// "latency, lose_frame, ..."
std::string known_fault_keys();
std::vector<std::string_view> fault_keys();

}  // namespace kilonova::sim
