#include "compute-node/core/injected_faults.h"

namespace kilonova::compute {

std::vector<InjectedFault> faults_at(const std::vector<InjectedFault>& faults, LaunchStep step, std::string_view host) {
  std::vector<InjectedFault> result;
  for (const InjectedFault& fault : faults)
    if (fault.step == step && glob_matches(fault.host_pattern, host)) result.push_back(fault);
  return result;
}

}  // namespace kilonova::compute
