// Waiting for servers to get where a command wants them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cli/client/session.h"

namespace kilonova::cli {

// A server that nothing is under way with.
struct SettledServer {
  std::string name;
  std::string status;  // "ACTIVE", "SHUTOFF", "ERROR"
  std::string fault;   // "" = none
  bool deleted = false;
};

// Nothing is under way with it.
bool is_settled(const v1::Server& server);

enum class WaitFor {
  kSettled,  // whatever comes of it
  kDeleted,
};

// Waits for each of the servers (uuids) and tells of each as it gets there. The session must be one of their project, or
// an admin's with `all_projects`. Errors are the watch's.
Expected<std::map<std::string, SettledServer>> wait_for_servers(
    Session& session, const std::vector<std::string>& servers, uint64_t since, WaitFor goal, bool all_projects,
    const std::function<void(size_t done)>& on_progress);

}  // namespace kilonova::cli
