// Numbers out of JSON that anybody may have written. nlohmann::json makes any number of any other, with undefined behaviour
// where it is out of range.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>

namespace kilonova::cli {

// Throws std::out_of_range, naming the field, for what is no whole number that T can hold; what at() throws when it is not
// there.
template <std::integral T, class Json>
T integer_at(const Json& json, const char* field) {
  const Json& value = json.at(field);
  if (value.is_number_unsigned()) {
    if (auto number = value.template get<uint64_t>(); std::in_range<T>(number)) return static_cast<T>(number);
  } else if (value.is_number_integer()) {
    if (auto number = value.template get<int64_t>(); std::in_range<T>(number)) return static_cast<T>(number);
  }
  throw std::out_of_range(fmt::format("{} is not a whole number from {} to {}", field, std::numeric_limits<T>::min(),
                                      std::numeric_limits<T>::max()));
}

}  // namespace kilonova::cli
