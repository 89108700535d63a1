// The fault profiles of sim/profiles, as text in the program. CMake writes shipped_profiles.cc.
#pragma once

#include <span>
#include <string_view>

namespace kilonova::sim {

struct ShippedProfile {
  std::string_view name;
  std::string_view text;
};

std::span<const ShippedProfile> shipped_profiles();

}  // namespace kilonova::sim
