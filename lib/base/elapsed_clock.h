// ElapsedClock: time as promises of a certain length are counted: how long this daemon was up, over all its lives. The
// wall clock would shorten them whenever it jumps, and the steady one begins anew with each process. Its stamps are
// stored with what was promised; a new life goes on from the newest of them. So no promise is cut short by anything: what
// passed between the newest stamp and the end of a life, and while the daemon was down, makes it longer.
#pragma once

#include "base/time.h"

namespace kilonova {

class ElapsedClock {
 public:
  // `newest`: of the stamps that are stored; without one any time will do.
  ElapsedClock(WallTime newest, Instant now) : newest_(newest), began_(now) {}

  // A stamp: comparable with those of this clock and its earlier lives, and with nothing else.
  WallTime at(Instant now) const { return newest_ + (now - began_); }

 private:
  WallTime newest_;
  Instant began_;
};

}  // namespace kilonova
