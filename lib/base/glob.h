// Shell patterns: how fault rules name hosts and servers.
#pragma once

#include <string_view>

namespace kilonova {

// '*' any run, '?' one character; "" matches everything.
bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace kilonova
