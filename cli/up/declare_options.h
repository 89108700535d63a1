// The options of `kilonova up`, and of every command that starts a cloud (`kilonova run`).
#pragma once

#include <CLI/CLI.hpp>

#include "cli/up/up_options.h"

namespace kilonova::up {

// `options` has the defaults and must outlive the command.
void add_up_options(CLI::App& command, UpOptions& options);

}  // namespace kilonova::up
