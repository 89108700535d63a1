// What Nova leaves to Python, in one place: how text, which is UTF-8, becomes words and numbers. Blanks and digits are those
// of all scripts, as Unicode 14 has them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace kilonova::scheduler {

// str.strip(), str.split().
std::string_view python_strip(std::string_view text);
std::vector<std::string_view> python_split(std::string_view text);

// float(): " 3 ", "1e1", "1_0", "-.5", "inf" and "nan" are numbers; "0x10", "1,5" and "" are none (ValueError). Too
// large is infinite, too small is 0.
std::optional<double> python_float(std::string_view text);

// int(): " 3 ", "+4", "1_0" and "007" are integers; "1.5", "0x10" and "" are none (ValueError). Beyond 64 bits it is
// the largest or the least of these.
std::optional<int64_t> python_int(std::string_view text);

// oslo_utils.strutils.bool_from_string(): "1", "t", "true", "on", "y" and "yes", whatever their case, are true.
bool python_bool_from_string(std::string_view text);

}  // namespace kilonova::scheduler
