// The table of actions: what is asked, who may ask it, with which parameters, and who answers.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

#include "api-server/front/ec2/call.h"
#include "api-server/front/ec2/refusal.h"
#include "api-server/front/ec2/xml.h"
#include "domain/user_role.h"
#include "runtime/task.h"

namespace kilonova::api::ec2 {

// Fills in the reply, below <requestId>.
using Handler = Task<Result<void>> (*)(Ec2Call& call, Xml reply);

struct Action {
  std::string_view name;
  UserRole role;
  Handler handler;
  // By the first word of their names; Action, Version and DryRun are every action's.
  std::span<const std::string_view> honoured;
  std::span<const std::string_view> known = {};  // to EC2, and not honoured here
};

// One file a resource.
std::span<const Action> account_actions();
std::span<const Action> address_actions();
std::span<const Action> image_actions();
std::span<const Action> image_change_actions();
std::span<const Action> instance_actions();
std::span<const Action> instance_attribute_actions();
std::span<const Action> instance_type_actions();
std::span<const Action> interface_change_actions();
std::span<const Action> key_pair_actions();
std::span<const Action> nothing_actions();
std::span<const Action> route_actions();
std::span<const Action> run_instances_actions();
std::span<const Action> instance_state_actions();
std::span<const Action> security_group_actions();
std::span<const Action> security_rule_actions();
std::span<const Action> tag_actions();
std::span<const Action> vpc_actions();

// nullptr where there is none.
const Action* find_action(std::string_view name);

// UnknownParameter for one that EC2 has not, UnsupportedOperation for one that it has and this cloud does not honour.
Result<void> check_parameters(const Action& action, const Parameter& parameters);

}  // namespace kilonova::api::ec2
