// The steps of a launch as the cloud tells them: for a cloud whose logs are elsewhere. The cloud does not push the steps
// of a launch under way, so its record is asked for again and again.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/time.h"
#include "cli/client/session.h"
#include "domain/launch_steps.h"

namespace kilonova::cli {

// How long to wait between two questions.
inline constexpr Duration kAskForStepsAgain = milliseconds(100);

// As a record has it. A number that this build does not know is kNone.
StepRecord step_of(const v1::StepRecord& step);

// Not for several threads at a time.
class LaunchStepsPoll {
 public:
  // `server`: uuid. The session must outlive it.
  LaunchStepsPoll(Session& session, std::string server, bool all_projects)
      : session_(session), server_(std::move(server)), all_projects_(all_projects) {}

  // Asks once: the steps that no answer had before, in the order of the record. Errors: the cloud's.
  Expected<std::vector<StepRecord>> ask();

 private:
  Session& session_;
  std::string server_;
  bool all_projects_;
  std::vector<StepRecord> known_;
};

}  // namespace kilonova::cli
