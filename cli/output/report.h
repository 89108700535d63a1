// What went wrong, on standard error: a line with one prefix for people, an object a line for programs.
#pragma once

#include <string>

#include "base/error.h"
#include "cli/output/style.h"

namespace kilonova::cli {

// "kilonova: <message>", or under -f json (and yaml) {"error": {"code": "not_found", "message": ..., "exit_code": 4}}
// on one line. `hint` stands behind the message, as "; see kilonova server --help"; in the object it is "hint".
void report_error(const OutputStyle& style, const Error& error, const std::string& hint = "");

// The same of a result that is not well, with the code "bad_result" and the exit code 1.
void report_bad_result(const OutputStyle& style, const std::string& message, const std::string& hint = "");

// The text of it; pure.
std::string error_line(const OutputStyle& style, const Error& error, const std::string& hint = "");

// A line about what goes on, for people alone: nothing under -f json, --quiet and the like.
void report_note(const OutputStyle& style, const std::string& text);

}  // namespace kilonova::cli
