// Dialer: whom this process keeps connected to, and when it tries again. Capped exponential back-off with jitter; at once
// when there is news of the target. Knows nothing of streams: the owner's function begins an attempt, and the owner says
// how it went. Loop thread only.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"
#include "runtime/loop.h"

namespace kilonova {

class Dialer {
 public:
  using Dial = std::function<void(PeerId target, const std::string& address)>;

  Dialer(Loop& loop, Random random, Dial dial) : loop_(loop), random_(random), dial_(std::move(dial)) {}
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;
  ~Dialer() { stop(); }

  // The target is at this address, in this incarnation (0: unknown). A new target is dialed at once, and so is one that
  // waits for its next try when address or incarnation are new; for any other this is only remembered.
  void learn(PeerId target, const std::string& address, Incarnation incarnation);
  // The attempt led to a working connection.
  void connected(PeerId target);
  // An attempt or a connection ended; the next try is scheduled, later each time until connected() is called. `faulty`:
  // the other side refused us, or broke the protocol: connecting alone is then no reason to begin with short waits again.
  void ended(PeerId target, bool faulty);
  // No more attempts.
  void stop();

 private:
  struct Target {
    std::string address;
    Incarnation incarnation = 0;
    bool news = false;     // something new was learned during the attempt or connection under way
    bool active = false;   // an attempt or connection is under way
    bool faulty = false;
    Duration backoff;      // of the next try
    TimerId timer = 0;
  };

  void attempt(PeerId id, Target& target);

  Loop& loop_;
  Random random_;
  Dial dial_;
  std::map<PeerId, Target> targets_;
};

}  // namespace kilonova
