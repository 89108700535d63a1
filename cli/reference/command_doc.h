// What a command is and takes, read from the declarations that also parse it: help pages, man pages, docs/cli.md and
// the completion scripts are all made of this, so that none can say anything else.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace kilonova::cli {

struct OptionDoc {
  std::vector<std::string> names;  // "-f", "--format"; of an argument its one name: "SERVER"
  std::string value;               // what it takes: "SECONDS", "HOST"; "" = a flag
  std::vector<std::string> choices;
  std::string description;
  std::string default_value;  // "" = none worth saying
  std::string group;          // "Options", or what was declared
  bool required = false;
  bool repeated = false;
};

struct CommandDoc {
  std::string path;  // "kilonova server create"
  std::string name;  // "create"
  std::string description;
  std::string details;  // paragraphs behind it; "" = none
  std::string group;
  std::vector<OptionDoc> arguments;
  std::vector<OptionDoc> options;  // without --help
  std::vector<CommandDoc> commands;
};

// `path` is how the command is typed up to its own name: "" for the root.
CommandDoc describe(const CLI::App& app, const std::string& path = "");

// "--format {table,json}", "-q, --quiet": as a user types it.
std::string spelled(const OptionDoc& option);
// "kilonova server create [OPTIONS] NAME".
std::string usage_of(const CommandDoc& command);
// The description with what else there is to say: "(required)", "(default: 10)".
std::string explained(const OptionDoc& option);

}  // namespace kilonova::cli
