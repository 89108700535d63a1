#include "domain/injected_fault.h"

#include <fmt/format.h>

namespace kilonova {

Error injected_error(const InjectedFault& fault) {
  if (!fault.message.empty()) return {ErrorCode::kInternal, fault.message};
  return {ErrorCode::kInternal, fmt::format("injected fault at {}", to_string(fault.step))};
}

Error rescheduled(const Uuid& instance, const Error& reason) {
  return {reason.code, fmt::format("Build of instance {} was re-scheduled: {}", to_string(instance), reason.message)};
}

Error aborted(const Uuid& instance, const Error& reason) {
  return {reason.code, fmt::format("Build of instance {} aborted: {}", to_string(instance), reason.message)};
}

}  // namespace kilonova
