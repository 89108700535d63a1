#include "api-server/front/ec2/action.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

// Those of Signature Version 2 too, which stands among the others.
constexpr std::string_view kOfAll[] = {"Action",          "Version",          "DryRun",    "AWSAccessKeyId",
                                       "SignatureMethod", "SignatureVersion", "Signature", "Timestamp"};

bool has(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

const Action* find_action(std::string_view name) {
  for (std::span<const Action> part :
       {account_actions(), address_actions(), image_actions(), image_change_actions(), instance_actions(),
        instance_attribute_actions(), instance_state_actions(), instance_type_actions(), interface_change_actions(),
        key_pair_actions(), nothing_actions(), route_actions(), run_instances_actions(), security_group_actions(),
        security_rule_actions(), tag_actions(), vpc_actions()})
    for (const Action& action : part)
      if (action.name == name) return &action;
  return nullptr;
}

Result<void> check_parameters(const Action& action, const Parameter& parameters) {
  for (const auto& [name, parameter] : parameters.members) {
    if (has(kOfAll, name) || has(action.honoured, name)) continue;
    if (has(action.known, name))
      return refused(
          "UnsupportedOperation",
          fmt::format("The parameter {} of {} is known, and this cloud does not honour it.", name, action.name));
    return refused("UnknownParameter", fmt::format("The parameter {} is not one of {}.", in_quotes(name), action.name));
  }
  return {};
}

}  // namespace kilonova::api::ec2
