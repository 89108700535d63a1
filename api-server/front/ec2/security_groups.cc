// CreateSecurityGroup, DeleteSecurityGroup, DescribeSecurityGroups: Neutron's.
#include "api-server/front/ec2/security_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/stored_tags.h"
#include "api-server/front/ec2/tags.h"
#include "api-server/front/openstack/network/security_groups.h"
#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

using openstack::StoredObject;
using openstack::text_at;

constexpr int64_t kLeastResults = 5;

using Names = std::map<std::string, std::string>;  // of groups, by Neutron's ids

struct ShownGroup {
  StoredObject group;
  std::vector<SecurityRule> rules;
  const Names* names;
};
using G = ShownGroup;

std::string id_of(const G& g) { return group_id(g.group); }
std::string description_of(const G& g) { return text_at(g.group.body, "description"); }

template <bool is_egress, class TextOf>
Texts of_rules(const G& g, TextOf text_of) {
  Texts texts;
  for (const SecurityRule& rule : g.rules)
    if (rule.is_egress == is_egress) texts.push_back(text_of(rule));
  return texts;
}
template <bool is_egress, bool is_6>
Texts cidrs_of(const G& g, std::string_view) {
  Texts texts;
  for (const SecurityRule& rule : g.rules)
    if (rule.is_egress == is_egress && !rule.cidr.empty() && rule.cidr.contains(':') == is_6)
      texts.push_back(rule.cidr);
  return texts;
}
template <bool is_egress>
Texts protocols_of(const G& g, std::string_view) {
  return of_rules<is_egress>(g, [](const SecurityRule& rule) { return rule.protocol; });
}
template <bool is_egress>
Texts from_ports_of(const G& g, std::string_view) {
  return of_rules<is_egress>(g, [](const SecurityRule& rule) { return std::to_string(rule.from); });
}
template <bool is_egress>
Texts to_ports_of(const G& g, std::string_view) {
  return of_rules<is_egress>(g, [](const SecurityRule& rule) { return std::to_string(rule.to); });
}
template <bool is_egress>
Texts groups_of_rules(const G& g, std::string_view) {
  return of_rules<is_egress>(
      g, [](const SecurityRule& rule) { return long_id(kGroupId.prefix, std::string_view(rule.group)); });
}

template <bool is_egress>
Texts names_in_rules(const G& g, std::string_view) {
  Texts texts;
  for (const SecurityRule& rule : g.rules)
    if (auto found = g.names->find(rule.group); rule.is_egress == is_egress && found != g.names->end())
      texts.push_back(found->second);
  return texts;
}
// The account of a group that a rule names: there are only the project's own.
template <bool is_egress>
Texts owners_in_rules(const G& g, std::string_view) {
  Texts texts;
  for (const SecurityRule& rule : g.rules)
    if (rule.is_egress == is_egress && !rule.group.empty()) texts.push_back(g.group.owner);
  return texts;
}
Texts nothing(const G&, std::string_view) { return {}; }

constexpr FilterRule<G> kRules[] = {
    {"group-id", [](const G& g, std::string_view) -> Texts { return {id_of(g)}; }},
    {"group-name", [](const G& g, std::string_view) -> Texts { return {group_name(g.group)}; }},
    {"description", [](const G& g, std::string_view) -> Texts { return {description_of(g)}; }},
    {"owner-id", [](const G& g, std::string_view) -> Texts { return {g.group.owner}; }},
    {"vpc-id",
     [](const G& g, std::string_view) -> Texts { return {long_id(kVpcId.prefix, std::string_view(g.group.owner))}; }},
    {"ip-permission.cidr", &cidrs_of<false, false>},
    {"ip-permission.ipv6-cidr", &cidrs_of<false, true>},
    {"ip-permission.protocol", &protocols_of<false>},
    {"ip-permission.from-port", &from_ports_of<false>},
    {"ip-permission.to-port", &to_ports_of<false>},
    {"ip-permission.group-id", &groups_of_rules<false>},
    {"egress.ip-permission.cidr", &cidrs_of<true, false>},
    {"egress.ip-permission.ipv6-cidr", &cidrs_of<true, true>},
    {"egress.ip-permission.protocol", &protocols_of<true>},
    {"egress.ip-permission.from-port", &from_ports_of<true>},
    {"egress.ip-permission.to-port", &to_ports_of<true>},
    {"egress.ip-permission.group-id", &groups_of_rules<true>},
    {"ip-permission.group-name", &names_in_rules<false>},
    {"egress.ip-permission.group-name", &names_in_rules<true>},
    {"ip-permission.user-id", &owners_in_rules<false>},
    {"egress.ip-permission.user-id", &owners_in_rules<true>},
    {"ip-permission.prefix-list-id", &nothing},
    {"egress.ip-permission.prefix-list-id", &nothing},
    {"tag-key", [](const G& g, std::string_view) -> Texts { return keys_of_tags(tags_in(g.group.body)); }},
    {"tag:", [](const G& g, std::string_view key) -> Texts { return values_of_tag(tags_in(g.group.body), key); }},
};
constexpr std::span<const FilterRule<G>> kGroupRules(kRules);

std::vector<SecurityRule> of_direction(const G& g, bool is_egress) {
  std::vector<SecurityRule> rules = g.rules;
  std::erase_if(rules, [&](const SecurityRule& rule) { return rule.is_egress != is_egress; });
  return rules;
}

void add_group(Xml item, const G& g) {
  add(item, "ownerId", g.group.owner);
  add(item, "groupId", id_of(g));
  add(item, "groupName", group_name(g.group));
  add(item, "groupDescription", description_of(g));
  add(item, "vpcId", long_id(kVpcId.prefix, std::string_view(g.group.owner)));
  add_permissions(item, "ipPermissions", of_direction(g, false), g.group.owner);
  add_permissions(item, "ipPermissionsEgress", of_direction(g, true), g.group.owner);
  add_tag_set(item, tags_in(g.group.body));
}

Task<Result<void>> describe_groups(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, kGroupRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  auto paging = read_paging(call.parameters, kGroupId, kLeastResults, "GroupId");
  if (!paging) co_return std::unexpected(std::move(paging.error()));
  auto groups = co_await all_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  const Texts ids = call.parameters.texts("GroupId"), names = call.parameters.texts("GroupName");
  if (auto there = check_ids(kGroupId, *groups, ids, &group_id); !there) co_return there;
  for (const std::string& name : names)
    if (std::ranges::find(*groups, name, &group_name) == groups->end())
      co_return refused("InvalidGroup.NotFound", fmt::format("The security group {} does not exist", in_quotes(name)));
  Names known;
  for (const StoredObject& group : *groups) known[group.id] = group_name(group);
  std::vector<G> shown;
  for (StoredObject& group : *groups) {
    const bool is_named = (ids.empty() && names.empty()) || has(ids, group_id(group)) || has(names, group_name(group));
    std::vector<SecurityRule> rules = rules_of(group);
    G one{std::move(group), std::move(rules), &known};
    if (is_named && passes(one, *filters, kGroupRules)) shown.push_back(std::move(one));
  }
  add_page(reply, "securityGroupInfo", shown, *paging, &id_of, &add_group);
  co_return Result<void>();
}

Result<std::vector<MetadataItem>> read_group_tags(const Parameter& parameters) {
  auto tags =
      read_tag_specifications(parameters, "security-group", "InvalidParameterValue", "a security-group is made.");
  if (!tags) return tags;
  if (auto room = check_tags_of_record(*tags); !room) return std::unexpected(std::move(room.error()));
  return tags;
}

// AWS's characters of names and descriptions in a VPC.
bool is_of_group(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const bool is_alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_alphanumeric || std::string_view(" ._-:/()#,@[]+=&;{}!$*").contains(c);
  });
}

Task<Result<void>> create_group(Ec2Call& call, Xml reply) {
  constexpr size_t kMostText = 255;
  auto name = required(call.parameters, "GroupName");
  if (!name) co_return std::unexpected(std::move(name.error()));
  auto description = required(call.parameters, "GroupDescription");
  if (!description) co_return std::unexpected(std::move(description.error()));
  if (!is_of_group(*name) || !is_of_group(*description))
    co_return refused("InvalidParameterValue",
                      fmt::format("GroupName and GroupDescription may have letters, digits, spaces and "
                                  "._-:/()#,@[]+=&;{{}}!$* of ASCII: {} has others.",
                                  in_quotes(is_of_group(*name) ? *description : *name)));
  if (name->size() > kMostText || description->size() > kMostText)
    co_return refused("InvalidParameterValue",
                      fmt::format("GroupName and GroupDescription have at most {} bytes each.", kMostText));
  if (name->starts_with(kGroupId.prefix))
    co_return refused("InvalidParameterValue",
                      fmt::format("Invalid group name {}: names do not begin with sg-", in_quotes(*name)));
  if (const std::string vpc = call.parameters.text("VpcId"); !vpc.empty()) {
    if (auto checked = check_id(kVpcId, vpc); !checked) co_return checked;
    if (vpc != vpc_id(call.project())) co_return no_such(kVpcId, vpc);
  }
  auto tags = read_group_tags(call.parameters);
  if (!tags) co_return std::unexpected(std::move(tags.error()));
  auto one_at_a_time = co_await call.names.acquire(call.project());
  auto groups = co_await all_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  if (std::ranges::find(*groups, *name, &group_name) != groups->end())
    co_return refused("InvalidGroup.Duplicate", fmt::format("The security group {} already exists for VPC {}",
                                                            in_quotes(*name), vpc_id(call.project())));
  auto made = co_await openstack::make_security_group(call.base, call.project(), *name, *description);
  if (!made && made.error().type == "OverQuota") co_return refused("SecurityGroupLimitExceeded", made.error().message);
  if (!made) co_return std::unexpected(refusal_of(made.error(), kGroupId.not_found, "InvalidGroup.Reserved"));
  if (!tags->empty()) {
    set_tags_in(made->body, *tags);
    const std::string uuid = made->id;
    made = co_await openstack::put_object(call.base, openstack::kSecurityGroups, std::move(*made));
    if (!made) {
      (void)co_await openstack::delete_security_group(call.base, uuid);
      co_return std::unexpected(refusal_of(made.error()));
    }
  }
  add(reply, "groupId", group_id(*made));
  add_tag_set(reply, tags_in(made->body));
  co_return Result<void>();
}

// As AWS, one that another group's rule names stays; Neutron would take such rules away with it.
Task<Result<void>> delete_group(Ec2Call& call, Xml reply) {
  auto groups = co_await all_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  auto group = named_group(call.parameters, *groups);
  if (!group) co_return std::unexpected(std::move(group.error()));
  if (group_name(*group) == "default")
    co_return refused("CannotDelete",
                      fmt::format("the specified group: {} name: \"default\" cannot be deleted by a user",
                                  in_quotes(group_id(*group))));
  for (const StoredObject& other : *groups)
    for (const SecurityRule& rule : rules_of(other))
      if (other.id != group->id && rule.group == group->id)
        co_return refused("DependencyViolation", fmt::format("resource {} has a dependent object: a rule of {}",
                                                             group_id(*group), group_id(other)));
  auto gone = co_await openstack::delete_security_group(call.base, group->id);
  if (!gone && gone.error().type == "SecurityGroupInUse")
    co_return refused("DependencyViolation",
                      fmt::format("resource {} has a dependent object: a network interface", group_id(*group)));
  if (!gone) co_return std::unexpected(refusal_of(gone.error(), kGroupId.not_found));
  add(reply, "return", true);
  add(reply, "groupId", group_id(*group));
  co_return Result<void>();
}

constexpr std::string_view kOfDescribe[] = {"Filter", "GroupId", "GroupName", "MaxResults", "NextToken"};
constexpr std::string_view kOfCreate[] = {"GroupName", "GroupDescription", "VpcId", "TagSpecification"};
constexpr std::string_view kOfDelete[] = {"GroupId", "GroupName"};
constexpr Action kActions[] = {
    {"DescribeSecurityGroups", UserRole::kReader, &describe_groups, kOfDescribe},
    {"CreateSecurityGroup", UserRole::kMember, &create_group, kOfCreate},
    {"DeleteSecurityGroup", UserRole::kMember, &delete_group, kOfDelete},
};

}  // namespace

Task<Result<SecurityGroups>> all_groups(Ec2Call& call) {
  auto groups = co_await openstack::all_security_groups(call.base);
  if (!groups) co_return std::unexpected(refusal_of(groups.error()));
  co_return std::move(*groups);
}

Result<StoredObject> named_group(const Parameter& parameters, const SecurityGroups& groups) {
  const std::string id = parameters.text("GroupId"), name = parameters.text("GroupName");
  if (id.empty() && name.empty())
    return refused("MissingParameter", "The request must contain the parameter GroupId or GroupName");
  if (!id.empty()) {
    auto found = row_with(kGroupId, groups, id, &group_id);
    if (!found) return std::unexpected(std::move(found.error()));
    return **found;
  }
  auto found = group_with_name(groups, name);
  if (!found) return std::unexpected(std::move(found.error()));
  return **found;
}

Result<Texts> uuids_of_groups(const Texts& ids, const Texts& names, const SecurityGroups& groups) {
  Texts uuids;
  auto take = [&](const Result<const StoredObject*>& found) {
    if (found && !has(uuids, (*found)->id)) uuids.push_back((*found)->id);
    return found.has_value();
  };
  for (const std::string& id : ids)
    if (auto found = row_with(kGroupId, groups, id, &group_id); !take(found)) return std::unexpected(found.error());
  for (const std::string& name : names)
    if (auto found = group_with_name(groups, name); !take(found)) return std::unexpected(found.error());
  return uuids;
}

std::span<const Action> security_group_actions() { return kActions; }

}  // namespace kilonova::api::ec2
