// kilonova top.
#pragma once

#include "cli/cli.h"

namespace kilonova::cli {

// As the functions of cli.h; adds the command.
void add_top(CLI::App& app, Globals& globals);

}  // namespace kilonova::cli
