#include "runtime/event_source.h"

namespace kilonova {

EventSource::~EventSource() = default;

}  // namespace kilonova
