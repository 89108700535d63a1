// Which column of a CSV file holds which field, as a user says it: "field=column" or "field=column/divisor", with
// commas between. Shared by the files of hosts and of requests. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace kilonova::compute {

struct Column {
  std::optional<size_t> index;
  std::string header;
  int64_t divisor = 1;  // of its numbers
};

struct ColumnField {
  std::string_view name;
  bool is_number = true;  // a text has no divisor
};

// Sets header and divisor of the columns, one for each field, that the mapping names. kInvalidArgument, beginning with
// `what`, names the part that is wrong; the columns are then of no use.
Expected<> map_columns(std::string_view mapping, std::string_view what, std::span<const ColumnField> fields,
                       std::span<Column> columns);

// Without blanks and tabs around it.
std::string_view trimmed(std::string_view text);

// A number as tools write them, "4", "4.5", "1.0e+00", "4e3", and nothing around it. Nothing for what is no finite
// number.
std::optional<double> parse_decimal(std::string_view text);

// Why a column of one of these names may be missing, as what stands behind a message: "; 'VCPUs' is there, but ..."; ""
// = no idea. `header` is the file's first line.
std::string why_missing(const std::vector<std::string>& header, std::span<const std::string_view> names);

}  // namespace kilonova::compute
