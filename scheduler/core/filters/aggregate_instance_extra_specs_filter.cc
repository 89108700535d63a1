#include "scheduler/core/filters/aggregate_instance_extra_specs_filter.h"

#include <set>
#include <string_view>

#include "scheduler/core/filters/extra_specs_ops.h"
#include "scheduler/core/python_values.h"

namespace kilonova::scheduler {
namespace {

constexpr std::string_view kScope = "aggregate_instance_extra_specs";

// nova/scheduler/filters/utils.py aggregate_metadata_get_by_host, of one key.
std::set<std::string_view> values_of(const Attributes& attributes, std::string_view key) {
  std::set<std::string_view> values;
  for (const AggregateAttributes& aggregate : attributes.aggregates) {
    auto found = aggregate.metadata.find(key);
    if (found == aggregate.metadata.end()) continue;
    std::string_view rest = found->second;
    for (size_t comma = rest.find(','); comma != rest.npos; comma = rest.find(',')) {
      values.insert(python_strip(rest.substr(0, comma)));
      rest.remove_prefix(comma + 1);
    }
    values.insert(python_strip(rest));
  }
  return values;
}

Expected<bool> any_matches(const std::set<std::string_view>& values, std::string_view required) {
  for (std::string_view value : values) {
    Expected<bool> matches = extra_specs_match(value, required);
    if (!matches || *matches) return matches;
  }
  return false;
}

}  // namespace

Expected<bool> aggregates_meet_extra_specs(const Attributes& attributes, std::span<const MetadataItem> extra_specs) {
  for (const auto& [name, required] : extra_specs) {
    const size_t colon = name.find(':');
    if (colon != name.npos && std::string_view(name).substr(0, colon) != kScope) continue;
    std::string_view key = colon == name.npos ? name : std::string_view(name).substr(colon + 1);
    Expected<bool> met = any_matches(values_of(attributes, key), required);
    if (!met || !*met) return met;
  }
  return true;
}

}  // namespace kilonova::scheduler
