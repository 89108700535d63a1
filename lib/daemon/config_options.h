// What a configuration file says, given to the options of a command line.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "daemon/config_file.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace kilonova {

// Gives one value to an option that has none yet, as if it had been typed. kInvalidArgument: ConfigFile::wrong() with
// what would be right; the option is then without a value.
Expected<> set_from_config(CLI::Option& option, const ConfigFile& file, const ConfigEntry& entry);

// Gives the app's options what [DEFAULT] and `section` say of them; `section` wins, and what was said on the command
// line or by the environment wins over both. The app was parsed. kInvalidArgument, as above, also for a key of
// `section` that is no option, and one of [DEFAULT] that is none of any daemon.
Expected<> apply_config(CLI::App& app, const ConfigFile& file, std::string_view section);

}  // namespace kilonova
