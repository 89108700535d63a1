// The reference as files: docs/cli.md, docs/exit-codes.md, docs/server-actions.md, and a man page for each command. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/output/print.h"
#include "cli/reference/command_doc.h"

namespace kilonova::cli {

// docs/cli.md: every command with its arguments and options.
std::string markdown_page(const CommandDoc& root);
// docs/exit-codes.md.
std::string exit_codes_page();
// docs/server-actions.md: in which states an action may begin, what it goes through, and where it ends.
std::string server_actions_page();
// The same rows, with the names of states, tasks and stages, for the test that walks them all through running daemons.
Json server_actions_json();
// One page of section 1 for each command, in roff: "kilonova-server-create.1" and its text.
std::vector<std::pair<std::string, std::string>> man_pages(const CommandDoc& root);

}  // namespace kilonova::cli
