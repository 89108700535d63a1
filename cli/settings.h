// What a user may say in three places: as an option, in the environment, or not at all. One rule for every such value:
// what is given on the command line beats the environment, the environment beats the default. An empty variable says
// nothing.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace kilonova::cli {

enum class Source { kDefault, kEnvironment, kGiven };

struct Setting {
  std::string value;
  Source source = Source::kDefault;

  bool is_given() const { return source == Source::kGiven; }
};

// The default of a setting, or what the variable says in its place. "" = no variable.
Setting from_environment(const char* variable, std::string default_value);

// Declares the option of a setting that from_environment() made. `setting` must outlive the app. `description` names
// the variable, if there is one, as in "User (OS_USERNAME)".
CLI::Option* add_setting(CLI::App& app, const std::string& names, Setting& setting, const std::string& description);

}  // namespace kilonova::cli
