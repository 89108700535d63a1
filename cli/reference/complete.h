// What may stand where the user asks a shell to complete: commands, options, choices, or the kind of name that is
// wanted. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/reference/command_doc.h"

namespace kilonova::cli {

struct Completion {
  std::vector<std::string> words;  // those that begin as the last word does
  std::string kind;  // "SERVER", "FILE", ...: what the value is called in the help; "" = words are all there is
};

// `words`: what was typed behind `kilonova`, the last one being completed ("" = nothing of it yet).
Completion complete(const CommandDoc& root, const std::vector<std::string>& words);

}  // namespace kilonova::cli
