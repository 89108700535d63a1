// Tables of what options may name: filters, weighers, drivers. A row is a name and how to make one from the options.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/check.h"
#include "scheduler/core/options.h"

namespace kilonova::scheduler {

template <class Base>
struct Row {
  std::string_view name;
  std::unique_ptr<Base> (*make)(const SchedulerOptions& options);
};

// The row of a class that says its kName; one that needs no options is made without.
template <class Base, class T>
constexpr Row<Base> row_of() {
  return {T::kName, [](const SchedulerOptions& options) -> std::unique_ptr<Base> {
            if constexpr (std::is_constructible_v<T, const SchedulerOptions&>) {
              return std::make_unique<T>(options);
            } else {
              return std::make_unique<T>();
            }
          }};
}

template <class Base>
constexpr bool names_differ(std::span<const Row<Base>> rows) {
  for (size_t i = 0; i < rows.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (rows[i].name == rows[j].name) return false;
  return true;
}

template <class Base>
std::vector<std::string_view> names_of(std::span<const Row<Base>> rows) {
  std::vector<std::string_view> names;
  for (const Row<Base>& row : rows) names.push_back(row.name);
  return names;
}

// The name must be in the table.
template <class Base>
std::unique_ptr<Base> make_from(std::span<const Row<Base>> rows, std::string_view name,
                                const SchedulerOptions& options) {
  for (const Row<Base>& row : rows)
    if (row.name == name) return row.make(options);
  KN_CHECK(false, fmt::format("no row is named {}: the options were not validated", name).c_str());
  return nullptr;
}

}  // namespace kilonova::scheduler
