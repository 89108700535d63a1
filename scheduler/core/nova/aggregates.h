// What the aggregates of a host say: the ways in which Nova's filters and weighers read their metadata. Nova:
// nova/scheduler/filters/utils.py, nova/scheduler/utils.py. Values come in the order of their text where Nova's come in
// the order of a Python set, which is random.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "scheduler/core/attributes.h"

namespace kilonova::scheduler::nova {

using Aggregates = std::span<const AggregateAttributes>;

// aggregate_values_from_key: the whole values of this key.
std::set<std::string_view> aggregate_values_from_key(Aggregates aggregates, std::string_view key);
// aggregate_metadata_get_by_host, of one key: what commas separate in them, without blanks around.
std::set<std::string_view> aggregate_metadata_of_key(Aggregates aggregates, std::string_view key);
// aggregate_metadata_get_by_host, of all keys.
std::map<std::string_view, std::set<std::string_view>> aggregate_metadata_get_by_host(Aggregates aggregates);

// Aggregates that name flavors, projects and the like under this key are for these alone; where none does, for all.
bool aggregates_are_for(Aggregates aggregates, std::string_view key, std::string_view value);

// validate_num_values: the least of the values of this key, each read by `parse`. `otherwise` stands when there is
// none, and when one of them is nothing to `parse`.
template <class T, class Parse>
T least_of_aggregates(Aggregates aggregates, std::string_view key, T otherwise, Parse parse) {
  std::optional<T> least;
  for (std::string_view text : aggregate_values_from_key(aggregates, key)) {
    const std::optional<T> value = parse(text);
    if (!value) return otherwise;
    if (!least || *value < *least) least = *value;
  }
  return least.value_or(otherwise);
}

}  // namespace kilonova::scheduler::nova
