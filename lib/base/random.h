// Deterministic randomness: one generator per node and purpose, seeded by whoever builds the world.
// No std distributions: their results differ between libraries.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace kilonova {

// xoshiro256** (Blackman, Vigna 2018), seeded through splitmix64. Not for secrets.
class Random {
 public:
  explicit Random(uint64_t seed);
  // A stream of its own for (seed, node, purpose): adding a node does not shift the others.
  Random(uint64_t seed, std::string_view node, std::string_view purpose);

  uint64_t next();
  // Uniform in [0, bound); bound must not be 0.
  uint64_t below(uint64_t bound);
  // Uniform in [0, 1).
  double uniform();
  // True with the given probability.
  bool chance(double probability) { return uniform() < probability; }

 private:
  std::array<uint64_t, 4> state_;
};

}  // namespace kilonova
