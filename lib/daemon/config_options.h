// What a configuration file says, given to the options of a command line.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "daemon/config_file.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace kilonova {

// What a core has against the options as they are now; it had nothing against them before.
using OptionsCheck = std::function<Expected<>()>;

// Gives one value to an option that has none yet, as if it had been typed. kInvalidArgument: ConfigFile::wrong() with
// what would be right, `check`'s words too; the option is then without a value.
Expected<> set_from_config(CLI::Option& option, const ConfigFile& file, const ConfigEntry& entry,
                           const OptionsCheck& check = {});

// The same of an option that has a value, which it keeps. What is overridden must be right all the same: it counts when
// the other value goes.
Expected<> check_overridden(CLI::Option& option, const ConfigFile& file, const ConfigEntry& entry,
                            const OptionsCheck& check = {});

// Gives the app's options what [DEFAULT] and `section` say of them; `section` wins, and what was said on the command
// line or by the environment wins over both. The app was parsed. kInvalidArgument, as above, also for a key of
// `section` that is no option, one of [DEFAULT] that is none of any daemon, and a value that is overridden and wrong.
Expected<> apply_config(CLI::App& app, const ConfigFile& file, std::string_view section,
                        const OptionsCheck& check = {});

}  // namespace kilonova
