// A password that a command is given for somebody else.
#pragma once

#include <string>

#include "base/error.h"

namespace kilonova::cli {

// Where it comes from: a file that not everybody may read, "-" for a line of standard input (asked for without an echo where that
// is a terminal), or the command line itself, as with the `openstack` command.
struct NewPassword {
  std::string file;
  std::string text;
};

// kInvalidArgument when it is given nowhere or twice, is empty, or its file will not do.
Expected<std::string> read_new_password(const NewPassword& given);

}  // namespace kilonova::cli
