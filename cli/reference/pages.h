// The reference as files: docs/cli.md, docs/exit-codes.md, and a man page for each command. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/reference/command_doc.h"

namespace kilonova::cli {

// docs/cli.md: every command with its arguments and options.
std::string markdown_page(const CommandDoc& root);
// docs/exit-codes.md.
std::string exit_codes_page();
// One page of section 1 for each command, in roff: "kilonova-server-create.1" and its text.
std::vector<std::pair<std::string, std::string>> man_pages(const CommandDoc& root);

}  // namespace kilonova::cli
