// `kilonova check`: whether the daemons of a running cloud contradict each other. What a single look finds may be of
// two moments, so it is looked again before anything is said; a cloud at work is not called wrong for working.
#pragma once

#include <functional>
#include <vector>

#include "audit/findings.h"
#include "base/error.h"
#include "base/time.h"

namespace kilonova::cli {

struct CheckResult {
  audit::Findings findings;                 // of the last look; its discrepancies are those confirmed
  std::vector<audit::SilentDaemon> silent;  // the check is incomplete
  bool waited_in_vain = false;              // asked to wait until nothing is in motion, and something still was

  bool clean() const { return findings.discrepancies.empty() && silent.empty() && !waited_in_vain; }
};

// What a check needs of the world.
struct CheckPorts {
  std::function<Expected<audit::Beliefs>()> look;
  std::function<void(Duration)> sleep;
  std::function<Instant()> now;
};

// `settle`: waits so long at most until nothing is in motion, every daemon answers and nothing is wrong; what is still
// so then is the result. 0: one look, and a second one where something seems wrong. The error of the last look when the
// cloud could not be asked.
Expected<CheckResult> check_cloud(const CheckPorts& ports, Duration settle);

}  // namespace kilonova::cli
