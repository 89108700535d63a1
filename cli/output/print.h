// What a command prints on standard output: JSON when it was asked for, else text.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>

#include "cli/output/table.h"

namespace kilonova::cli {

// Fields stay in the order in which they were set.
using Json = nlohmann::ordered_json;

inline void print_json(const Json& json) {
  // Text that is not UTF-8 (nothing but a log file has any) is replaced, not refused.
  fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
}

inline void print_table(const Table& table) { fmt::print("{}", table.render(output_width())); }

inline void print_fields(const std::vector<std::pair<std::string, std::string>>& fields) {
  fmt::print("{}", render_fields(fields, output_width()));
}

}  // namespace kilonova::cli
