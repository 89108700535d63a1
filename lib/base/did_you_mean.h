// The word that was probably meant: for messages about a name that there is not.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace kilonova {

// The word of `known` that is nearest to `word`; nothing where none is near.
std::optional<std::string> did_you_mean(const std::string& word, const std::vector<std::string>& known);

}  // namespace kilonova
