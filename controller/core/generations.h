// Generations of the controller's store: what a revision is worth once the store has gone back (a power loss under
// `--sync normal`, a restored file, an import), and the same numbers are given to other changes. Each life of the
// controller that commits a change begins a generation, which is stored with that change and with the revision that it
// follows. So a revision that somebody was told in a generation is of this store's history as long as the generation is
// stored, and the next one had not begun before it. Rules: docs/protocol.md, "Revisions". Loop thread only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ports/controller_store.h"

namespace kilonova::controller {

inline constexpr std::string_view kGenerationsSetting = "generations";
// The oldest are forgotten: who was told a revision in one of them is told of a gap.
inline constexpr size_t kGenerationsKept = 256;

class Generations {
 public:
  struct Generation {
    uint64_t id = 0;
    uint64_t after = 0;  // the newest revision before its first
    bool operator==(const Generation&) const = default;
  };

  // `own`: of this life, never 0. A setting that cannot be read counts as none.
  Generations(const ControllerState& state, uint64_t own);

  // In which the newest published revision was told; 0 = nothing was ever committed.
  uint64_t current() const { return stored_.empty() ? 0 : stored_.back().id; }
  // Whether all up to this revision, as it was told in this generation, is of this store's history.
  bool is_known(uint64_t generation, uint64_t revision) const;

  // Into every transaction with an event until begin() was said: the first that is committed begins the generation.
  void put(Transaction& transaction) const;
  // One of them was committed.
  void begin();

 private:
  bool has_begun_ = false;
  std::vector<Generation> stored_;  // the oldest first
  Generation own_;
};

// "id@after id@after", the oldest first, in hexadecimal digits. Nothing for what is no such text.
std::string to_text(const std::vector<Generations::Generation>& generations);
std::vector<Generations::Generation> generations_in(std::string_view text);

}  // namespace kilonova::controller
