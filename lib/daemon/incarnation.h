// Chance from the operating system: what makes one start of a process differ from every other.
#pragma once

#include <cstdint>

#include "base/ids.h"

namespace kilonova {

// 64 bits from getrandom(2).
uint64_t system_random();
// The same, never 0.
Incarnation draw_incarnation();

}  // namespace kilonova
