#include "base/sometimes.h"

// The linker names the two ends of the section. Weak: a program without a mark has none.
extern "C" {
[[gnu::weak]] extern kilonova::SometimesBranch __start_kn_sometimes[];
[[gnu::weak]] extern kilonova::SometimesBranch __stop_kn_sometimes[];
}

namespace kilonova {

std::span<SometimesBranch> sometimes_branches() {
  if (__start_kn_sometimes == nullptr) return {};
  return {__start_kn_sometimes, __stop_kn_sometimes};
}

}  // namespace kilonova
