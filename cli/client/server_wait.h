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
  kStatus,  // a status by name, whatever is under way
};

struct WaitOptions {
  WaitFor goal = WaitFor::kSettled;
  std::string status = {};  // of kStatus: "ACTIVE"
  uint64_t since = 0;       // a revision from before what was asked; 0 = what is so already counts
  bool all_projects = false;
  Duration timeout = {};   // 0 = none
  std::string doing = {};  // "launching", for people who watch the terminal; "" = they are shown nothing
};

// Waits for each of the servers (uuids). The session must be one of their project, or an admin's with `all_projects`. A
// goal that can no longer be reached ends the wait for its server too: one that is deleted, or in ERROR where another
// status is wanted. kDeadlineExceeded names the servers that did not get there in time, and their state; other errors
// are the watch's.
Expected<std::map<std::string, SettledServer>> wait_for_servers(Session& session,
                                                                const std::vector<std::string>& servers,
                                                                const WaitOptions& options);

}  // namespace kilonova::cli
