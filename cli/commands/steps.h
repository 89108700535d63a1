// The names of launch steps as users type them.
#pragma once

#include <string>
#include <vector>

namespace kilonova::cli {

// All thirteen, in order.
std::vector<std::string> step_names();
// What is wrong with a name that is none, and those that there are.
std::string unknown_step(const std::string& name);

}  // namespace kilonova::cli
