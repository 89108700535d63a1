#include "scheduler/core/nova/aggregates_meet_extra_specs.h"

#include <set>
#include <string_view>

#include "scheduler/core/nova/extra_specs_ops.h"

namespace kilonova::scheduler {
namespace {

constexpr std::string_view kScope = "aggregate_instance_extra_specs";

PythonResult<bool> any_matches(const std::set<std::string_view>& values, std::string_view required) {
  for (std::string_view value : values) {
    PythonResult<bool> matches = extra_specs_match(value, required);
    if (!matches || *matches) return matches;
  }
  return false;
}

}  // namespace

PythonResult<bool> aggregates_meet_extra_specs(nova::Aggregates aggregates, std::span<const MetadataItem> extra_specs) {
  for (const auto& [name, required] : extra_specs) {
    const size_t colon = name.find(':');
    if (colon != name.npos && std::string_view(name).substr(0, colon) != kScope) continue;
    std::string_view key = colon == name.npos ? name : std::string_view(name).substr(colon + 1);
    PythonResult<bool> met = any_matches(nova::aggregate_metadata_of_key(aggregates, key), required);
    if (!met || !*met) return met;
  }
  return true;
}

}  // namespace kilonova::scheduler
