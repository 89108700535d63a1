// What `kilonova sim explore` prints.
#pragma once

#include <string>

#include "cli/sim/explore.h"

namespace kilonova::cli {

std::string text_of(const ExploreResult& result);
std::string json_of(const ExploreResult& result);

}  // namespace kilonova::cli
