// The configuration file of a cloud, as `kilonova up` makes it of what the cloud had, a file that was given, and the
// command line. Who adds an option to a daemon changes nothing here: what this file does not know is the daemon's to
// judge.
#pragma once

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "cli/up/state_dir.h"
#include "cli/up/up_options.h"
#include "daemon/config_file.h"

namespace kilonova::up {

// The file of `--config`, else the one that the state directory has, else an empty one; and over it what --set and the
// command line say. `command` was parsed and has add_up_options(options): its options get what the file says of them.
// Nothing is written. kInvalidArgument: one line with the file, the key and what would be right; the errors of
// ConfigFile::read().
Expected<ConfigFile> merge_config(CLI::App& command, UpOptions& options, const StateDir& state);

}  // namespace kilonova::up
