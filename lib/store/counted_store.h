// A store of a daemon with what its metrics show, whichever database it is on.
#pragma once

#include "store/store_counts.h"

namespace kilonova {

template <class Port>
class CountedStore : public Port {
 public:
  // Loop thread. Nothing before it was loaded.
  virtual StoreCounts counts() = 0;
};

}  // namespace kilonova
