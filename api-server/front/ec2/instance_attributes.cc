// DescribeInstanceAttribute, ModifyInstanceAttribute, MonitorInstances, UnmonitorInstances, GetPasswordData,
// DescribeInstanceCreditSpecifications.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/block_devices.h"
#include "api-server/front/ec2/change_type.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/instances.h"
#include "api-server/front/ec2/interfaces.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/security_groups.h"
#include "api-server/front/openstack/network/parts.h"
#include "api-server/front/openstack/network/ports.h"
#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

using S = ShownInstance;
using View = std::string_view;

Task<Result<S>> named_instance(Ec2Call& call) {
  auto id = required(call.parameters, "InstanceId");
  if (!id) co_return std::unexpected(std::move(id.error()));
  co_return co_await find_instance(call, std::move(*id));
}

// A locked server is not terminated, and that is what this attribute says; it is not changed here, since a lock also
// keeps it from being stopped.
bool is_locked(const S& s) { return s.properties.locked_by != LockedBy::kNobody; }

struct Attribute {
  View name;
  void (*show)(Xml reply, const S& s);
};

template <class Value>
void add_value(Xml reply, const char* name, Value value) {
  add(add(reply, name), "value", value);
}

constexpr Attribute kAttributes[] = {
    {"instanceType", [](Xml reply, const S& s) { add_value(reply, "instanceType", View(s.server.spec.flavor.name)); }},
    {"userData",
     [](Xml reply, const S& s) {
       Xml data = add(reply, "userData");
       if (!s.properties.user_data.empty()) add(data, "value", s.properties.user_data);
     }},
    {"disableApiTermination", [](Xml reply, const S& s) { add_value(reply, "disableApiTermination", is_locked(s)); }},
    {"disableApiStop", [](Xml reply, const S& s) { add_value(reply, "disableApiStop", is_locked(s)); }},
    {"instanceInitiatedShutdownBehavior",
     [](Xml reply, const S&) { add_value(reply, "instanceInitiatedShutdownBehavior", "stop"); }},
    {"rootDeviceName", [](Xml reply, const S&) { add_value(reply, "rootDeviceName", kRootDeviceName); }},
    {"groupSet", [](Xml reply, const S& s) { add_groups(reply, s.groups); }},
    {"sourceDestCheck", [](Xml reply, const S&) { add_value(reply, "sourceDestCheck", true); }},
    {"ebsOptimized", [](Xml reply, const S&) { add_value(reply, "ebsOptimized", false); }},
    {"enaSupport", [](Xml reply, const S&) { add_value(reply, "enaSupport", false); }},
    {"kernel", [](Xml reply, const S&) { add(reply, "kernel"); }},
    {"ramdisk", [](Xml reply, const S&) { add(reply, "ramdisk"); }},
    {"sriovNetSupport", [](Xml reply, const S&) { add(reply, "sriovNetSupport"); }},
    {"productCodes", [](Xml reply, const S&) { add(reply, "productCodes"); }},
    {"blockDeviceMapping", [](Xml reply, const S&) { add(reply, "blockDeviceMapping"); }},
    {"enclaveOptions", [](Xml reply, const S&) { add(add(reply, "enclaveOptions"), "enabled", false); }},
};

Task<Result<void>> describe_attribute(Ec2Call& call, Xml reply) {
  auto name = required(call.parameters, "Attribute");
  if (!name) co_return std::unexpected(std::move(name.error()));
  auto attribute = std::ranges::find(kAttributes, View(*name), &Attribute::name);
  if (attribute == std::end(kAttributes))
    co_return refused("InvalidParameterValue", fmt::format("Value ({}) for parameter attribute is invalid. Unknown "
                                                           "attribute.",
                                                           in_quotes(*name)));
  auto found = co_await named_instance(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  add(reply, "instanceId", instance_id(found->server));
  attribute->show(reply, *found);
  co_return Result<void>();
}

// ---- changes

// Attribute and Value, as in EC2's first years, or a parameter of the attribute's own name.
struct Wanted {
  std::string name;  // as DescribeInstanceAttribute has it
  std::string value;
};

constexpr std::pair<View, View> kOwnParameters[] = {
    {"InstanceType", "instanceType"},
    {"UserData", "userData"},
    {"DisableApiTermination", "disableApiTermination"},
    {"DisableApiStop", "disableApiStop"},
    {"InstanceInitiatedShutdownBehavior", "instanceInitiatedShutdownBehavior"},
    {"SourceDestCheck", "sourceDestCheck"},
    {"EbsOptimized", "ebsOptimized"},
    {"EnaSupport", "enaSupport"},
    {"Kernel", "kernel"},
    {"Ramdisk", "ramdisk"},
    {"SriovNetSupport", "sriovNetSupport"},
};

// One at a time, as with AWS. Of groupSet the value is empty: GroupId says them.
Result<Wanted> read_change(const Parameter& parameters) {
  std::vector<Wanted> wanted;
  if (parameters.has("Attribute")) wanted.push_back({parameters.text("Attribute"), parameters.text("Value")});
  for (const auto& [own, name] : kOwnParameters)
    if (const Parameter* said = parameters.member(own))
      wanted.push_back({std::string(name), said->value ? *said->value : said->text("Value")});
  if (parameters.has("GroupId")) wanted.push_back({"groupSet", ""});
  if (parameters.has("BlockDeviceMapping")) wanted.push_back({"blockDeviceMapping", ""});
  if (wanted.empty()) return refused("InvalidParameterCombination", "No attributes specified.");
  if (wanted.size() > 1)
    return refused("InvalidParameterCombination", "Fields for multiple attribute types specified: one at a time.");
  return wanted.front();
}

// What an attribute is already is no change; whatever else is refused, and says why.
Result<void> check_unchanged(const Wanted& wanted, const S& s) {
  const std::string& name = wanted.name;
  auto is_boolean = [&](bool now) -> Result<void> {
    if (wanted.value == (now ? "true" : "false")) return {};
    if (wanted.value != "true" && wanted.value != "false")
      return refused("InvalidParameterValue", fmt::format("Value ({}) for parameter {} is invalid: it must be true or "
                                                          "false.",
                                                          in_quotes(wanted.value), name));
    return unsupported(fmt::format("{} is {} here, and stays so.{}", name, now,
                                   name.starts_with("disableApi")
                                       ? " A server's lock, in Nova's API, keeps it from being terminated and from "
                                         "being stopped."
                                       : ""));
  };
  if (name == "disableApiTermination" || name == "disableApiStop") return is_boolean(is_locked(s));
  if (name == "sourceDestCheck") return is_boolean(true);
  if (name == "ebsOptimized" || name == "enaSupport") return is_boolean(false);
  if (name == "instanceInitiatedShutdownBehavior" && wanted.value == "stop") return {};
  if (std::ranges::find(kAttributes, View(name), &Attribute::name) == std::end(kAttributes))
    return refused("InvalidParameterValue",
                   fmt::format("Value ({}) for parameter attribute is invalid. Unknown attribute.", in_quotes(name)));
  return unsupported(fmt::format("The attribute {} does not change after the launch.", name));
}

// All interfaces are in these groups from then on.
Task<Result<void>> set_groups(Ec2Call& call, const S& s) {
  if (s.interfaces.empty())
    co_return refused("IncorrectInstanceState", fmt::format("The instance '{}' has no network interface: it is {}.",
                                                            instance_id(s.server), state_of(s.server).name));
  auto groups = co_await all_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  auto uuids = uuids_of_groups(call.parameters.texts("GroupId"), {}, *groups);
  if (!uuids) co_return std::unexpected(std::move(uuids.error()));
  auto ports = co_await openstack::ports_of_server(call.base, s.server);
  if (!ports) co_return std::unexpected(refusal_of(ports.error()));
  for (openstack::ShownPort& port : *ports) {
    port.port.details["security_groups"] = *uuids;
    auto stored = co_await openstack::store(call.base, std::move(port.port));
    if (!stored) co_return std::unexpected(refusal_of(stored.error(), "InvalidInstanceID.NotFound"));
  }
  co_return Result<void>();
}

Task<Result<void>> modify_attribute(Ec2Call& call, Xml reply) {
  auto wanted = read_change(call.parameters);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto found = co_await named_instance(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (wanted->name == "groupSet" && !call.parameters.has("GroupId"))
    co_return refused("MissingParameter", "The request must contain the parameter GroupId");
  if (wanted->name == "groupSet") {
    if (auto set = co_await set_groups(call, *found); !set) co_return set;
  } else if (wanted->name == "instanceType") {
    const Instance& server = found->server;
    const bool is_done = wanted->value == server.spec.flavor.name && !server.move;
    if (!is_done)
      if (auto changed = co_await change_type(call, server, wanted->value); !changed) co_return changed;
  } else if (auto same = check_unchanged(*wanted, *found); !same) {
    co_return same;
  }
  add(reply, "return", true);
  co_return Result<void>();
}

constexpr FilterRule<S> kCreditRulesOf[] = {
    {"instance-id", [](const S& s, View) -> Texts { return {instance_id(s.server)}; }},
};
constexpr std::span<const FilterRule<S>> kCreditRules(kCreditRulesOf);

Task<Result<void>> monitor(Ec2Call& call, Xml) {
  auto ids = required_list(call.parameters, "InstanceId");
  if (!ids) co_return std::unexpected(std::move(ids.error()));
  auto found = co_await find_instances(call, std::move(*ids));
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return unsupported("There is no detailed monitoring here.");
}

Task<Result<void>> unmonitor(Ec2Call& call, Xml reply) {
  auto ids = required_list(call.parameters, "InstanceId");
  if (!ids) co_return std::unexpected(std::move(ids.error()));
  auto found = co_await find_instances(call, std::move(*ids));
  if (!found) co_return std::unexpected(std::move(found.error()));
  Xml set = add(reply, "instancesSet");
  for (const S& one : *found) {
    Xml item = add(set, "item");
    add(item, "instanceId", instance_id(one.server));
    add(add(item, "monitoring"), "state", "disabled");
  }
  co_return Result<void>();
}

// No simulated guest draws a password: as of every guest that is no Windows there is none.
Task<Result<void>> get_password(Ec2Call& call, Xml reply) {
  auto found = co_await named_instance(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  add(reply, "instanceId", instance_id(found->server));
  add(reply, "timestamp", call.base.loop.wall_now());
  add(reply, "passwordData", "");
  co_return Result<void>();
}

// No type here bursts: of all instances there is none, and of one that is named nothing can be said.
Task<Result<void>> describe_credits(Ec2Call& call, Xml reply) {
  constexpr int64_t kLeast = 5, kMost = 1'000;
  auto filters = read_filters(call.parameters, kCreditRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  if (auto most = integer_of(call.parameters, "MaxResults", kLeast, kMost); !most)
    co_return std::unexpected(std::move(most.error()));
  auto found = co_await find_instances(call, call.parameters.texts("InstanceId"));
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!found->empty())
    co_return unsupported(fmt::format("The instance '{}' is of no burstable type, and has no credit specification.",
                                      instance_id(found->front().server)));
  add(reply, "instanceCreditSpecificationSet");
  co_return Result<void>();
}

constexpr View kOfCredits[] = {"Filter", "InstanceId", "MaxResults", "NextToken"};
constexpr View kOfDescribe[] = {"InstanceId", "Attribute"};
constexpr View kOfModify[] = {"InstanceId",
                              "Attribute",
                              "Value",
                              "GroupId",
                              "BlockDeviceMapping",
                              "InstanceType",
                              "UserData",
                              "DisableApiTermination",
                              "DisableApiStop",
                              "InstanceInitiatedShutdownBehavior",
                              "SourceDestCheck",
                              "EbsOptimized",
                              "EnaSupport",
                              "Kernel",
                              "Ramdisk",
                              "SriovNetSupport"};
constexpr View kIds[] = {"InstanceId"};

constexpr Action kActions[] = {
    {"DescribeInstanceAttribute", UserRole::kReader, &describe_attribute, kOfDescribe},
    {"ModifyInstanceAttribute", UserRole::kMember, &modify_attribute, kOfModify},
    {"MonitorInstances", UserRole::kMember, &monitor, kIds},
    {"UnmonitorInstances", UserRole::kMember, &unmonitor, kIds},
    {"GetPasswordData", UserRole::kMember, &get_password, kIds},
    {"DescribeInstanceCreditSpecifications", UserRole::kReader, &describe_credits, kOfCredits},
};

}  // namespace

std::span<const Action> instance_attribute_actions() { return kActions; }

}  // namespace kilonova::api::ec2
