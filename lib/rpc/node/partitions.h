// Partitions on purpose (kilonova fault partition): a file of a few lines, "compute-0 scheduler-0", names the pairs of
// daemons that must not be connected. Both sides read it, so that neither needs to hear of it through the other. Loop
// thread only.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/ids.h"

namespace kilonova {

class Partitions {
 public:
  // An empty name: there are none, ever.
  Partitions(std::string file, PeerId self) : file_(std::move(file)), self_(to_string(self)) {}

  // Reads the file anew. A file that is not there, or cannot be read, cuts nobody off; lines that are no pair are
  // passed over.
  void look();
  // As of the last look.
  bool cuts_off(PeerId other) const { return !others_.empty() && others_.contains(to_string(other)); }

 private:
  std::string file_;
  std::string self_;
  std::set<std::string> others_;
};

}  // namespace kilonova
