// JSON as Python's json module reads and writes it: integers stay apart from floats, objects keep the order of their
// keys, NaN and Infinity are numbers. Filters read JSON while they decide (a query, a host's cpu_info), and cores link
// no library for it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "scheduler/core/python_object.h"

namespace kilonova::scheduler {

enum class JsonDialect {
  kPython,  // what json.loads() takes; integers beyond 64 bits become floats
  kStrict,  // the same without what no value here can hold: integers beyond 64 bits, half a surrogate pair
};

struct JsonError {
  std::string message;  // "Expecting value", as Python says it
  size_t offset = 0;    // of the byte
};

// Of two values of one key the last counts, in the place of the first. Text that is no UTF-8, or nested more than
// kJsonDepth deep, is an error.
inline constexpr size_t kJsonDepth = 500;
std::expected<PythonValue, JsonError> json_loads(std::string_view text, JsonDialect dialect);
// The same as json.loads(): JSONDecodeError with its line, column and character.
PythonResult<PythonValue> python_json_loads(std::string_view text);

// json.dumps(): ", " and ": " between, ASCII only. Instances are written as their text.
std::string json_dumps(const PythonValue& value);
// The same without blanks.
std::string json_dumps_compact(const PythonValue& value);

}  // namespace kilonova::scheduler
