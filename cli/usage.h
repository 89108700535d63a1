// The command line as it was typed: checked at the door, and what is wrong with it in words that repeat it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/output/style.h"

namespace kilonova::cli {

// The last command that was understood, and how it is typed: "kilonova server create".
struct ChosenCommand {
  const CLI::App* app;
  std::string path;
};
ChosenCommand chosen_command(const CLI::App& app);

// Every word, and what the environment says in the place of options, is UTF-8 without control characters: else
// kInvalidArgument names the argument or variable, and why. Behind the -- of `kilonova run` the words are another
// program's.
Expected<> check_words(const CLI::App& app, const std::vector<std::string>& words);

// Whether errors are to be objects, before (or without) the command line being understood.
OutputStyle style_for_errors(const std::vector<std::string>& words);

// What is wrong: "unknown command 'srever'; did you mean server?".
std::string usage_message(const CLI::App& app, const CLI::ParseError& wrong);
// "`kilonova server` needs one of: create, list, ..."
std::string missing_command(const CLI::App& app);

}  // namespace kilonova::cli
