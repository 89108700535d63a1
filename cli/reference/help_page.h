// What `--help` and `kilonova help` print: no line wider than asked for. Pure.
#pragma once

#include <string>

#include "cli/reference/command_doc.h"

namespace kilonova::cli {

inline constexpr size_t kHelpWidth = 80;

std::string help_page(const CommandDoc& command, size_t width = kHelpWidth);

}  // namespace kilonova::cli
