#include "sim/branches.h"

#include <algorithm>

#include "base/sometimes.h"

namespace kilonova::sim {

BranchFollower::BranchFollower() {
  for (SometimesBranch& branch : sometimes_branches()) branch.forget();
}

void BranchFollower::struck(std::string_view fault) {
  if (fault == last_fault_) return;
  collect();
  last_fault_ = fault;
}

const BranchesReached& BranchFollower::reached() {
  collect();
  return reached_;
}

void BranchFollower::collect() {
  for (SometimesBranch& branch : sometimes_branches()) {
    if (!branch.was_reached()) continue;
    branch.forget();
    reached_[std::string(branch.name())].insert(last_fault_);
  }
}

std::vector<std::string> branch_names() {
  std::vector<std::string> names;
  for (const SometimesBranch& branch : sometimes_branches()) names.emplace_back(branch.name());
  std::ranges::sort(names);
  return names;
}

}  // namespace kilonova::sim
