// CSV after RFC 4180, as far as a hosts file needs it. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace kilonova::compute {

struct CsvRow {
  size_t line = 0;  // on which it begins, from 1
  std::vector<std::string> fields;
};

// Empty lines and a byte order mark are skipped. kInvalidArgument, with file and line, for a quote that is not closed or
// that stands inside an unquoted field, and for lines that end with CR alone.
Expected<std::vector<CsvRow>> parse_csv(std::string_view text, std::string_view file_name);

}  // namespace kilonova::compute
