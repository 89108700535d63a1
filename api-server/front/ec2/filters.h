// EC2's filters: names with values of which one must fit, with * and ?. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/ec2/parameters.h"
#include "api-server/front/ec2/refusal.h"
#include "base/glob.h"
#include "domain/form_rules.h"
#include "domain/metadata.h"

namespace kilonova::api::ec2 {

using Texts = std::vector<std::string>;

struct Filter {
  std::string name;
  std::vector<std::string> values;
};

// A filter by this name, and what of a row it is compared with.
template <class Row>
struct FilterRule {
  std::string_view name;  // with a colon at its end: what follows it is the key of a tag
  std::vector<std::string> (*texts)(const Row& row, std::string_view key);
};

// Of Filter.N.Name and Filter.N.Value.M. At most 200 values, as AWS has it.
Result<std::vector<Filter>> read_filters(const Parameter& parameters);

inline bool fits(const Filter& filter, std::string_view text) {
  for (const std::string& value : filter.values)
    if (value.empty() ? text.empty() : glob_matches(value, text)) return true;
  return false;
}

template <class Row>
const FilterRule<Row>* find_rule(std::span<const FilterRule<Row>> rules, std::string_view name) {
  for (const FilterRule<Row>& rule : rules)
    if (rule.name.ends_with(':') ? name.starts_with(rule.name) && name != rule.name : name == rule.name) return &rule;
  return nullptr;
}

// InvalidParameterValue for a name that no rule has.
template <class Row>
Result<std::vector<Filter>> read_filters(const Parameter& parameters, std::span<const FilterRule<Row>> rules) {
  auto filters = read_filters(parameters);
  if (!filters) return filters;
  for (const Filter& filter : *filters)
    if (find_rule(rules, filter.name) == nullptr)
      return refused("InvalidParameterValue", "The filter " + in_quotes(filter.name) + " is invalid");
  return filters;
}

// Every filter has a value that fits one of the row's texts.
template <class Row>
bool passes(const Row& row, const std::vector<Filter>& filters, std::span<const FilterRule<Row>> rules) {
  for (const Filter& filter : filters) {
    const FilterRule<Row>* rule = find_rule(rules, filter.name);
    if (rule == nullptr) return false;
    bool any = false;
    const std::string_view key =
        std::string_view(filter.name).substr(rule->name.ends_with(':') ? rule->name.size() : 0);
    for (const std::string& text : rule->texts(row, key)) any = any || fits(filter, text);
    if (!any) return false;
  }
  return true;
}

std::vector<std::string> values_of_tag(const std::vector<MetadataItem>& tags, std::string_view key);
std::vector<std::string> keys_of_tags(const std::vector<MetadataItem>& tags);

}  // namespace kilonova::api::ec2
