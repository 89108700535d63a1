// What a command prints on standard output. Nothing here fails at once: standard output that cannot be written is found
// out, and becomes the command's error, when all of it was to be written (flush_output).
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace kilonova::cli {

// Fields stay in the order in which they were set.
using Json = nlohmann::ordered_json;

void print_text(std::string_view text);

template <class... Args>
void print(fmt::format_string<Args...> format, Args&&... args) {
  print_text(fmt::format(format, std::forward<Args>(args)...));
}

// Everything that was printed is where it belongs. kDataLoss, with the system's reason, when it is not: once for all
// that was printed so far.
Expected<> flush_output();

}  // namespace kilonova::cli
