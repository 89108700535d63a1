#include "runtime/loop.h"

#include <utility>

namespace kilonova {

Loop::~Loop() = default;

TimerId Loop::call_after(Duration delay, Callback callback) { return call_at(now() + delay, std::move(callback)); }

}  // namespace kilonova
