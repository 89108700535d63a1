// What a daemon does with the memory that the system gives it: it gives back what a burst has freed, and ends where it
// is refused more (docs/adr/0017-strangers-and-tenants.md).
#pragma once

#include <cstddef>

#include "runtime/loop.h"
#include "runtime/task.h"

namespace kilonova {

// Bytes of this process.
struct MemoryUse {
  size_t resident = 0;  // in memory, of no file
  size_t in_use = 0;    // taken from the allocator, and not freed
};

MemoryUse memory_use();

// Whether what is free and still resident has grown enough since it was given back last to be worth a walk through the
// heap. `kept`: bytes that were free and resident after that.
bool is_worth_giving_back(const MemoryUse& use, size_t kept);

// Never ends: looks every second, and gives the system back what is free. Where looking is dear, it looks less often, so
// that it takes at most a hundredth of a core. Without it the heap of each thread keeps the most that it ever had, and
// bursts that differ add up.
Task<void> give_memory_back(Loop* loop);

// From here on what C++ asks for and the system refuses ends the process with a word on stderr and SIGABRT; what a C library
// asks for does so from the beginning (refused_memory.h). Any thread, once, before there are others.
void end_where_memory_is_refused();

}  // namespace kilonova
