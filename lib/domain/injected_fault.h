// Which faults (kilonova fault add) strike a launch on purpose, and what they say, alike in every daemon. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "domain/launch_steps.h"
#include "domain/messages.h"
#include "domain/request_spec.h"

namespace kilonova {

// Those that may strike this step on this host in this daemon, in their order. "" = no host is known yet: no rule of
// such a step has a pattern of hosts. LaunchStep::kNone: those of actions.
std::vector<InjectedFault> faults_at(const std::vector<InjectedFault>& faults, LaunchStep step, std::string_view host,
                                     std::string_view daemon);

// The fault's own message, or which step it struck; kInternal.
Error injected_error(const InjectedFault& fault);

// Why a try ended, in the words of Nova's RescheduledException and BuildAbortException (nova/exception.py).
Error rescheduled(const Uuid& instance, const Error& reason);
Error aborted(const Uuid& instance, const Error& reason);

// The try of the report's placement ends as the fault, which fails it, says: its result and its fault are written.
void fail_try(const InjectedFault& fault, InstanceReport& report);

}  // namespace kilonova
