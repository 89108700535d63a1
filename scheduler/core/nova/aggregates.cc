#include "scheduler/core/nova/aggregates.h"

#include "scheduler/core/python_values.h"

namespace kilonova::scheduler::nova {
namespace {

void insert_parts(std::set<std::string_view>& values, std::string_view text) {
  for (size_t comma = text.find(','); comma != text.npos; comma = text.find(',')) {
    values.insert(python_strip(text.substr(0, comma)));
    text.remove_prefix(comma + 1);
  }
  values.insert(python_strip(text));
}

}  // namespace

std::set<std::string_view> aggregate_values_from_key(Aggregates aggregates, std::string_view key) {
  std::set<std::string_view> values;
  for (const AggregateAttributes& aggregate : aggregates)
    if (auto found = aggregate.metadata.find(key); found != aggregate.metadata.end()) values.insert(found->second);
  return values;
}

std::set<std::string_view> aggregate_metadata_of_key(Aggregates aggregates, std::string_view key) {
  std::set<std::string_view> values;
  for (std::string_view text : aggregate_values_from_key(aggregates, key)) insert_parts(values, text);
  return values;
}

std::map<std::string_view, std::set<std::string_view>> aggregate_metadata_get_by_host(Aggregates aggregates) {
  std::map<std::string_view, std::set<std::string_view>> metadata;
  for (const AggregateAttributes& aggregate : aggregates)
    for (const auto& [key, text] : aggregate.metadata) insert_parts(metadata[key], text);
  return metadata;
}

bool aggregates_are_for(Aggregates aggregates, std::string_view key, std::string_view value) {
  const std::set<std::string_view> named = aggregate_metadata_of_key(aggregates, key);
  return named.empty() || named.contains(value);
}

}  // namespace kilonova::scheduler::nova
