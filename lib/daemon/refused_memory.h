// The end of a daemon that is refused memory. A library that asks malloc() does not always look at what it was given:
// gRPC writes through the null pointer. So a daemon's own malloc(), calloc() and realloc() stand before those of the C
// library, which they call.
#pragma once

namespace kilonova {

// Any thread. An exception would end a request, or a library's thread, in a state that nobody has thought of; what was
// answered is stored, and the next process begins from that.
[[noreturn]] void end_without_memory();

}  // namespace kilonova
