// The launch records of many servers, several calls at a time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/client/session.h"

namespace kilonova::cli {

// Calls `on_record` with the record of each server (uuids), in their order; of one that is gone meanwhile not at all.
// False from it, or the first error of the cloud, ends it. Blocks.
Expected<> for_each_launch_record(Session& session, const std::vector<std::string>& servers, bool all_projects,
                                  const std::function<bool(const v1::GetLaunchRecordReply& record)>& on_record);

}  // namespace kilonova::cli
