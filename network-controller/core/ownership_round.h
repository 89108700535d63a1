// One round of questions to the controller, who owns what is held. Its answers are of the moment when the controller
// gave them: what was released since is not learnt from them. Rules: docs/protocol.md, "Addresses". Pure; loop thread
// only.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/hash_map.h"
#include "domain/messages.h"
#include "domain/net.h"

namespace kilonova::network {

class OwnershipRound {
 public:
  // The number of a new round, which goes with its queries and comes back with their answers. Whatever answers come of
  // earlier ones are too old.
  uint64_t begin();
  void ask() { unanswered_ += 1; }
  // All queries were sent.
  void close();
  // An answer of this round was worked through.
  void end_answer(uint64_t round);

  bool is_current(uint64_t round) const { return round == round_ && is_under_way(); }
  // While a round is under way. `server_is_gone`: so are all its lower epochs.
  void note_release(const PlacementId& placement, bool server_is_gone);
  // What a server's row had in an answer, without the placements that were released since; empty when they all were.
  std::vector<Lease> not_released(std::vector<Lease> rows) const;

 private:
  struct Released {
    std::vector<uint64_t> epochs;
    uint64_t up_to = 0;
  };

  bool is_under_way() const { return is_open_ || unanswered_ > 0; }
  void forget_if_over();

  uint64_t round_ = 0;
  uint64_t unanswered_ = 0;
  bool is_open_ = false;
  HashMap<Uuid, Released> released_;
};

}  // namespace kilonova::network
