// Which branches that only trouble leads to (base/sometimes.h) a life has reached, and behind which fault: the last
// that had struck. That one need not be why; but a branch that many seeds reach behind a kind of fault is within its
// reach.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kilonova::sim {

// By name: the kinds of faults behind which it was reached; "none" before the first.
using BranchesReached = std::map<std::string, std::set<std::string>>;

// Follows one life; the marks are the program's, so one at a time.
class BranchFollower {
 public:
  // Forgets what was reached before.
  BranchFollower();
  // A fault of this kind strikes; what is reached from now on is behind it.
  void struck(std::string_view fault);
  // What the whole life has reached until now.
  const BranchesReached& reached();

 private:
  void collect();

  BranchesReached reached_;
  std::string last_fault_ = "none";
};

// Of this program, by name.
std::vector<std::string> branch_names();

}  // namespace kilonova::sim
