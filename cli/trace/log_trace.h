// A launch rebuilt from the log files of a cloud, running or not.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "cli/trace/launch_trace.h"
#include "domain/request_spec.h"

namespace kilonova::cli {

// `directory`: a state directory, or its logs/. `server`: a uuid, or a name that some log line gives to an instance.
// kNotFound: no such directory, no log file in it, no line names the server, or none is of a step; kUnavailable: a file
// cannot be read. Lines of other events, cut ones and garbage are passed over.
Expected<LaunchTrace> trace_from_logs(const std::string& directory, const std::string& server);

// The uuid of a server by its uuid or a name that some log line in `directory` (a state directory, or its logs/) gives
// to it. Errors are those of trace_from_logs.
Expected<std::string> find_server(const std::string& directory, const std::string& server);

// The scheduling decisions of one server, by placement.
struct LoggedDecisions {
  std::string server;     // uuid
  std::string name = {};  // "" = it was asked for by id
  std::vector<Decision> decisions = {};
};

// As trace_from_logs. kNotFound also when no decision about the server is written down: that of a forced host is
// nobody's.
Expected<LoggedDecisions> decisions_from_logs(const std::string& directory, const std::string& server);

// The decisions about one instance in a log file's text, in either format, as they stand.
std::vector<Decision> find_decisions(std::string_view text, const Uuid& instance);

// The step lines of one instance in a log file's text, in either format.
std::vector<StepRecord> find_steps(std::string_view text, const Uuid& instance);

// The trace id in the first of them, 32 hex digits; "" when there is none.
std::string find_trace_id(std::string_view text, const Uuid& instance);

// The instance that a line of this text calls by this name, the last one if several do: fields `name` and `instance`,
// in either format.
std::optional<Uuid> find_name(std::string_view text, std::string_view name);

}  // namespace kilonova::cli
