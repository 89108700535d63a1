// What `--timing` and `--time-factor` mean.
#pragma once

#include <string>

#include "base/error.h"
#include "compute-node/hypervisor/timing_model.h"

namespace kilonova::compute {

// `timing` is a preset's name, or "manual", which is "instant" here (step_gates.h), or else the path of a file. kInvalidArgument says what is wrong with it, kNotFound that
// there is neither such a preset nor such a file.
Expected<TimingModel> load_timing(const std::string& timing, double time_factor);

}  // namespace kilonova::compute
