// Whole files.
#pragma once

#include <string>

#include "base/error.h"

namespace kilonova::cli {

// kNotFound when there is none; kUnavailable when it cannot be read. The message names it. "-" is a file of that name.
Expected<std::string> read_file(const std::string& path);

// A new file that only its owner may read, or one that replaces the old in one step. kUnavailable names the path.
Expected<> write_private_file(const std::string& path, const std::string& text);

}  // namespace kilonova::cli
