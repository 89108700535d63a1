#include "compute-node/core/injected_faults.h"

namespace kilonova::compute {

bool glob_matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return true;
  size_t p = 0, t = 0;
  size_t star = std::string_view::npos, star_text = 0;  // the last `*`, and what it has swallowed so far
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<InjectedFault> faults_at(const std::vector<InjectedFault>& faults, LaunchStep step, std::string_view host) {
  std::vector<InjectedFault> result;
  for (const InjectedFault& fault : faults)
    if (fault.step == step && glob_matches(fault.host_pattern, host)) result.push_back(fault);
  return result;
}

}  // namespace kilonova::compute
