// How the faults that a build brings along (kilonova fault add) pick their hosts. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "base/glob.h"
#include "domain/launch_steps.h"
#include "domain/request_spec.h"

namespace kilonova::compute {

// Those that strike this step on this host, in the order of the build.
std::vector<InjectedFault> faults_at(const std::vector<InjectedFault>& faults, LaunchStep step, std::string_view host);

}  // namespace kilonova::compute
