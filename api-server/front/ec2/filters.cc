#include "api-server/front/ec2/filters.h"

#include <fmt/format.h>

#include <utility>

namespace kilonova::api::ec2 {

Result<std::vector<Filter>> read_filters(const Parameter& parameters) {
  constexpr size_t kMaxValues = 200;
  std::vector<Filter> filters;
  size_t values = 0;
  for (const Parameter* item : parameters.items("Filter")) {
    Filter filter{item->text("Name"), item->texts("Value")};
    values += filter.values.size();
    if (filter.name.empty() || filter.values.empty())
      return refused("InvalidParameterValue", "A filter needs a Name and at least one Value.");
    if (values > kMaxValues)
      return refused("FilterLimitExceeded", fmt::format("The filters have more than {} values.", kMaxValues));
    filters.push_back(std::move(filter));
  }
  return filters;
}

std::vector<std::string> values_of_tag(const std::vector<MetadataItem>& tags, std::string_view key) {
  for (const MetadataItem& tag : tags)
    if (tag.key == key) return {tag.value};
  return {};
}

std::vector<std::string> keys_of_tags(const std::vector<MetadataItem>& tags) {
  std::vector<std::string> keys;
  for (const MetadataItem& tag : tags) keys.push_back(tag.key);
  return keys;
}

}  // namespace kilonova::api::ec2
