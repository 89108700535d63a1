#include "cli/commands/steps.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/output/text.h"
#include "domain/launch_steps.h"

namespace kilonova::cli {

std::vector<std::string> step_names() {
  std::vector<std::string> names;
  for (const LaunchStepInfo& info : launch_steps()) names.emplace_back(info.name);
  return names;
}

std::string unknown_step(const std::string& name) {
  return fmt::format("step '{}' is none of {}", one_line(name), fmt::join(step_names(), ", "));
}

}  // namespace kilonova::cli
