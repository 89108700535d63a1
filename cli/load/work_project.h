// A project of its own for a workload, without quotas, so that it disturbs nobody's and nobody's disturbs it.
#pragma once

#include <memory>
#include <string>

#include "cli/client/session.h"

namespace kilonova::cli {

struct WorkProject {
  std::string name;
  bool created = false;  // by us; else it was there, and its quotas count
  std::unique_ptr<Session> session;  // in it, as the same user
};

// Takes the project `name`, or makes it; "" = makes one with a drawn name that begins with `prefix`. For admins.
Expected<WorkProject> open_work_project(Session& admin, const std::string& user, const std::string& name,
                                        const std::string& prefix);
// It must have no servers.
Expected<> delete_work_project(Session& admin, WorkProject& project);

}  // namespace kilonova::cli
