#include "cli/client/launch_steps_poll.h"

#include <algorithm>
#include <utility>

namespace kilonova::cli {

StepRecord step_of(const v1::StepRecord& step) {
  bool known = step.step() >= 1 && static_cast<size_t>(step.step()) <= launch_steps().size();
  return {.step = known ? static_cast<LaunchStep>(step.step()) : LaunchStep::kNone,
          .epoch = step.epoch(),
          .attempt = step.attempt(),
          .daemon = step.daemon(),
          .host = step.host(),
          .start = WallTime{step.start_us()},
          .duration = Duration{step.duration_us()},
          .fault = step.fault(),
          .fault_rule = step.fault_rule()};
}

Expected<std::vector<StepRecord>> LaunchStepsPoll::ask() {
  v1::GetLaunchRecordRequest request;
  request.set_server(server_);
  request.set_all_projects(all_projects_);
  auto reply = session_.call(&v1::Cloud::Stub::GetLaunchRecord, request);
  if (!reply) return std::unexpected(reply.error());
  std::vector<StepRecord> fresh;
  for (const v1::StepRecord& told : reply->steps()) {
    StepRecord step = step_of(told);
    if (std::ranges::find(known_, step) == known_.end()) fresh.push_back(std::move(step));
  }
  known_.insert(known_.end(), fresh.begin(), fresh.end());
  return fresh;
}

}  // namespace kilonova::cli
