#include "cli/settings.h"

#include <cstdlib>
#include <utility>

namespace kilonova::cli {

Setting from_environment(const char* variable, std::string default_value) {
  const char* value = *variable == '\0' ? nullptr : std::getenv(variable);
  if (value != nullptr && *value != '\0') return {value, Source::kEnvironment};
  return {std::move(default_value), Source::kDefault};
}

CLI::Option* add_setting(CLI::App& app, const std::string& names, Setting& setting, const std::string& description) {
  return app.add_option_function<std::string>(
      names, [&setting](const std::string& value) { setting = {value, Source::kGiven}; }, description);
}

}  // namespace kilonova::cli
