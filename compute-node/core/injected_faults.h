// How the faults that a build brings along (kilonova fault add) pick their hosts. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "domain/launch_steps.h"
#include "domain/request_spec.h"

namespace kilonova::compute {

// `*` is any text, `?` any one character; everything else stands for itself. "" matches all.
bool glob_matches(std::string_view pattern, std::string_view text);

// Those that strike this step on this host, in the order of the build.
std::vector<InjectedFault> faults_at(const std::vector<InjectedFault>& faults, LaunchStep step, std::string_view host);

}  // namespace kilonova::compute
