// JSON values as YAML 1.2, in block style. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace kilonova::cli {

// With a newline at the end. Every string that a reader could take for something else is quoted as in JSON.
std::string to_yaml(const nlohmann::ordered_json& json);

}  // namespace kilonova::cli
