// Small facts that several mains need about where they listen and what they own on disk.
#pragma once

#include <string>

#include "base/error.h"
#include "daemon/options.h"

namespace kilonova {

// True for unix sockets, 127.0.0.0/8, ::1 and localhost: nobody from another machine can reach the daemon there.
bool listens_locally(const DaemonOptions& options);

// Makes it with mode 0700 when it is not there, so that it survives power loss. kUnavailable naming the directory and why.
Expected<> make_private_directory(const std::string& directory);

}  // namespace kilonova
