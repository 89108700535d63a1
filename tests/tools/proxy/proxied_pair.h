// Two processes (incarnations) as the proxy stands between them: a link to each, so that it knows by itself what either has
// received, over any number of connections; and between the links the faults. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "base/random.h"
#include "domain/messages.h"
#include "rpc/link/link.h"
#include "runtime/loop.h"
#include "tests/tools/proxy/fault_rules.h"

namespace kilonova::proxy {

// What happened to the messages and frames of one direction.
struct Counts {
  uint64_t passed = 0, dropped = 0, repeated = 0, reordered = 0, delayed = 0;
  uint64_t frames = 0, frames_dropped = 0, frames_repeated = 0, breaks = 0;
};

// One direction: what `from` says goes through the faults into the link to `to`.
class Direction {
 public:
  // `rules` may change; `moved` is called when there is something to send.
  Direction(Loop& loop, const FaultRules& rules, uint64_t seed, PeerId from, PeerId to, Link& out, Counts& counts,
            std::function<void()> moved);
  Direction(const Direction&) = delete;
  Direction& operator=(const Direction&) = delete;
  ~Direction();

  void pass(Message message);

  struct FrameFate {
    bool drop = false, repeat = false, break_connection = false;
  };
  FrameFate fate_of_frame();

 private:
  void deliver(Message message);
  void release_held();

  Loop& loop_;
  const FaultRules& rules_;
  Random random_;
  PeerId from_, to_;
  Link& out_;
  Counts& counts_;
  std::function<void()> moved_;
  std::optional<Message> held_;  // to be overtaken by the next one
  TimerId held_timer_ = 0;
  std::set<TimerId> delays_;
};

class ProxiedPair {
 public:
  // The dialer of the two is `a`.
  ProxiedPair(Loop& loop, const FaultRules& rules, uint64_t seed, PeerId a, Incarnation a_incarnation, PeerId b,
              Incarnation b_incarnation, Counts& a_counts, Counts& b_counts, std::function<void()> moved);

  Link& link_to(bool dialer) { return dialer ? to_a_ : to_b_; }
  // Where messages of the dialer, or of the other, go.
  Direction& direction_of(bool dialer) { return dialer ? from_a_ : from_b_; }

 private:
  Link to_a_, to_b_;
  Direction from_a_, from_b_;
};

}  // namespace kilonova::proxy
