// The smallest cloud in which a seed still fails.
#pragma once

#include "cli/sim/seed_process.h"

namespace kilonova::cli {

struct Failure {
  sim::RunOptions options;
  SeedOutcome outcome;
};

// Takes away kinds of faults, launches, hosts, compute processes and schedulers as long as the same checker reports, or the
// process ends the same way, or the second history still differs. Each try is a process of its own, made like `work`.
// kInternal when there is none; the failure itself when nothing can be taken away.
Expected<Failure> shrink(Failure failure, const SeedWork& work);

}  // namespace kilonova::cli
