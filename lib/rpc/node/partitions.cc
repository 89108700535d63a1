#include "rpc/node/partitions.h"

#include <fstream>

namespace kilonova {

void Partitions::look() {
  others_.clear();
  if (file_.empty()) return;
  std::ifstream file(file_);
  std::string one, other;
  while (file >> one >> other) {
    if (one == self_) others_.insert(other);
    if (other == self_) others_.insert(one);
  }
}

}  // namespace kilonova
