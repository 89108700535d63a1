// The completion script for bash, made of the command tree itself: what can be typed can be completed.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace kilonova::cli {

std::string bash_completion(const CLI::App& app);

}  // namespace kilonova::cli
