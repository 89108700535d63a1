// What a fault says that struck a launch on purpose, alike in every daemon. Pure.
#pragma once

#include "base/error.h"
#include "base/ids.h"
#include "domain/request_spec.h"

namespace kilonova {

// The fault's own message, or which step it struck; kInternal.
Error injected_error(const InjectedFault& fault);

// Why a try ended, in the words of Nova's RescheduledException and BuildAbortException (nova/exception.py).
Error rescheduled(const Uuid& instance, const Error& reason);
Error aborted(const Uuid& instance, const Error& reason);

}  // namespace kilonova
