// The exit code of each kind of end, the same for every command; docs/exit-codes.md is made of this table.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace kilonova::cli {

inline constexpr int kDone = 0;
inline constexpr int kBadResult = 1;   // the command did what it was asked, and what came of it is not well
inline constexpr int kWrongUse = 2;    // kInvalidArgument, and a command line that cannot be understood
inline constexpr int kNotChecked = 3;  // `check` alone

struct ExitCode {
  ErrorCode error;
  int code;
  std::string_view meaning;
};

// One row for each ErrorCode, in their order.
std::span<const ExitCode> exit_codes();

int exit_code_of(ErrorCode error);

// "not_found": how the error objects of -f json name it.
std::string error_name(ErrorCode error);

}  // namespace kilonova::cli
