#include "domain/injected_fault.h"

#include <fmt/format.h>

#include "base/glob.h"

namespace kilonova {

std::vector<InjectedFault> faults_at(const std::vector<InjectedFault>& faults, LaunchStep step, std::string_view host,
                                     std::string_view daemon) {
  std::vector<InjectedFault> result;
  for (const InjectedFault& fault : faults)
    if (fault.step == step && glob_matches(fault.host_pattern, host) && glob_matches(fault.daemon_pattern, daemon))
      result.push_back(fault);
  return result;
}

Error injected_error(const InjectedFault& fault) {
  if (!fault.message.empty()) return {ErrorCode::kInternal, fault.message};
  if (fault.step == LaunchStep::kNone) return {ErrorCode::kInternal, "injected fault"};
  return {ErrorCode::kInternal, fmt::format("injected fault at {}", to_string(fault.step))};
}

Error rescheduled(const Uuid& instance, const Error& reason) {
  return {reason.code, fmt::format("Build of instance {} was re-scheduled: {}", to_string(instance), reason.message)};
}

Error aborted(const Uuid& instance, const Error& reason) {
  return {reason.code, fmt::format("Build of instance {} aborted: {}", to_string(instance), reason.message)};
}

void fail_try(const InjectedFault& fault, InstanceReport& report) {
  const Error reason = injected_error(fault);
  const Uuid& instance = report.placement.instance;
  report.result = fault.aborts ? BuildResult::kFailed : BuildResult::kRescheduled;
  report.fault = fault.aborts ? aborted(instance, reason) : rescheduled(instance, reason);
}

}  // namespace kilonova
