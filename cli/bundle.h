// Everything that tells what happened in a cloud, as one file to keep or to send: logs, status, servers, hosts, faults,
// events, traces, explanations and the check. No password, key or token is in it.
#pragma once

#include <string>

#include "base/error.h"
#include "cli/cli.h"

namespace kilonova::cli {

// Writes FILE (.tar.gz), which must not be there. What cannot be had (the cloud is down, the user is no admin) is
// missing, and errors.txt in it says why. kAlreadyExists, kUnavailable.
Expected<> write_bundle(const Globals& globals, const std::string& file);

}  // namespace kilonova::cli
