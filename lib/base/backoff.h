// Backoff: when a question that has no answer yet is asked again, by a caller that waits at most so long.
#pragma once

#include <algorithm>

#include "base/random.h"
#include "base/time.h"

namespace kilonova {

// The first pause is a sixteenth of the limit, each further one half as long again, none longer than an eighth: about ten
// questions until the deadline, so that a fifth of all messages lost, both ways, leaves one of ten thousand calls unanswered.
// Each pause is drawn from three to five quarters of that, so that those who asked together do not ask again together.
class Backoff {
 public:
  // `random` must outlive it.
  Backoff(Duration limit, Random& random)
      : random_(random), pause_{std::max<int64_t>(limit.us / 16, 1)}, longest_{std::max<int64_t>(limit.us / 8, 1)} {}

  // How long to wait for the answer before the next question; at least 1 us.
  Duration next() {
    double spread = 0.75 + random_.uniform() / 2;
    Duration drawn{std::max<int64_t>(static_cast<int64_t>(static_cast<double>(pause_.us) * spread), 1)};
    pause_ = std::min(Duration{pause_.us + pause_.us / 2 + 1}, longest_);
    return drawn;
  }

 private:
  Random& random_;
  Duration pause_;
  Duration longest_;
};

}  // namespace kilonova
