// AuthorizeSecurityGroupIngress and -Egress, RevokeSecurityGroupIngress and -Egress, DescribeSecurityGroupRules.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/security_groups.h"
#include "api-server/front/openstack/network/security_groups.h"
#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

using openstack::Json;
using openstack::StoredObject;

constexpr int64_t kLeastResults = 5;
constexpr int kAttempts = 5;  // where others change the group at the same time

struct ShownRule {
  SecurityRule rule;
  std::string group;  // "sg-..."
  std::string owner;
};

std::string id_of(const ShownRule& shown) { return rule_id(shown.rule); }

constexpr FilterRule<ShownRule> kRules[] = {
    {"group-id", [](const ShownRule& shown, std::string_view) -> Texts { return {shown.group}; }},
    {"security-group-rule-id", [](const ShownRule& shown, std::string_view) -> Texts { return {id_of(shown)}; }},
    // A rule has no tags here.
    {"tag-key", [](const ShownRule&, std::string_view) -> Texts { return {}; }},
    {"tag:", [](const ShownRule&, std::string_view) -> Texts { return {}; }},
};
constexpr std::span<const FilterRule<ShownRule>> kRuleRules(kRules);

std::string said(const SecurityRule& rule) {
  const std::string source = rule.group.empty() ? rule.cidr : long_id(kGroupId.prefix, std::string_view(rule.group));
  return fmt::format("peer: {}, {}, from port: {}, to port: {}, {}", source, rule.protocol, rule.from, rule.to,
                     rule.is_egress ? "egress" : "ingress");
}

void add_rule(Xml item, const ShownRule& shown) {
  const SecurityRule& rule = shown.rule;
  add(item, "securityGroupRuleId", id_of(shown));
  add(item, "groupId", shown.group);
  add(item, "groupOwnerId", shown.owner);
  add(item, "isEgress", rule.is_egress);
  add(item, "ipProtocol", rule.protocol);
  add(item, "fromPort", rule.from);
  add(item, "toPort", rule.to);
  if (!rule.group.empty()) {
    Xml named = add(item, "referencedGroupInfo");
    add(named, "groupId", long_id(kGroupId.prefix, std::string_view(rule.group)));
    add(named, "userId", shown.owner);
  } else {
    add(item, rule.cidr.contains(':') ? "cidrIpv6" : "cidrIpv4", rule.cidr);
  }
  if (!rule.description.empty()) add(item, "description", rule.description);
  add(item, "tagSet");
}

struct Wanted {
  StoredObject group;
  std::vector<SecurityRule> rules;
  std::vector<SecurityRule> known;  // of the group
};

Task<Result<Wanted>> read_wanted(Ec2Call& call, bool is_egress) {
  auto groups = co_await all_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  auto group = named_group(call.parameters, *groups);
  if (!group) co_return std::unexpected(std::move(group.error()));
  std::vector<SecurityRule> known = rules_of(*group);
  // RevokeSecurityGroup... may name them by their ids.
  const Texts ids = call.parameters.texts("SecurityGroupRuleId");
  if (ids.empty()) {
    auto rules = read_rules(call.parameters, is_egress, *groups, to_hex(call.project()));
    if (!rules) co_return std::unexpected(std::move(rules.error()));
    co_return Wanted{std::move(*group), std::move(*rules), std::move(known)};
  }
  if (call.parameters.has("IpPermissions"))
    co_return refused("InvalidParameterCombination", "A request has IpPermissions or SecurityGroupRuleId.");
  std::vector<SecurityRule> rules;
  for (const std::string& id : ids) {
    auto rule = row_with(kRuleId, known, id, &rule_id);
    if (!rule) co_return std::unexpected(std::move(rule.error()));
    if ((*rule)->is_egress != is_egress) co_return no_such(kRuleId, id);
    rules.push_back(**rule);
  }
  co_return Wanted{std::move(*group), std::move(rules), std::move(known)};
}

// Whether the group was changed between what we read and what we wrote.
bool was_overtaken(const openstack::Refusal& refusal) { return refusal.status == 409 && refusal.type.empty(); }

Task<Result<std::vector<Json>>> try_authorize(Ec2Call& call, const Wanted& wanted, bool& overtaken) {
  std::vector<Json> asked;
  for (const SecurityRule& rule : wanted.rules) {
    for (const SecurityRule& other : wanted.known)
      if (mean_the_same(rule, other))
        co_return refused("InvalidPermission.Duplicate",
                          fmt::format("the specified rule \"{}\" already exists", said(rule)));
    asked.push_back(neutron_rule(rule));
  }
  auto made = co_await openstack::make_security_group_rules(call.base, wanted.group.id, std::move(asked));
  overtaken = !made && was_overtaken(made.error());
  if (!made && made.error().type == "OverQuota")
    co_return refused("RulesPerSecurityGroupLimitExceeded", made.error().message);
  if (!made) co_return std::unexpected(refusal_of(made.error(), kGroupId.not_found, "InvalidPermission.Duplicate"));
  co_return std::move(*made);
}

Task<Result<void>> authorize(Ec2Call& call, Xml reply, bool is_egress) {
  bool overtaken = true;
  for (int attempt = 0; attempt < kAttempts && overtaken; ++attempt) {
    auto wanted = co_await read_wanted(call, is_egress);
    if (!wanted) co_return std::unexpected(std::move(wanted.error()));
    overtaken = false;
    auto made = co_await try_authorize(call, *wanted, overtaken);
    if (overtaken) continue;
    if (!made) co_return std::unexpected(std::move(made.error()));
    add(reply, "return", true);
    Xml set = add(reply, "securityGroupRuleSet");
    for (size_t i = 0; i < made->size(); ++i) {
      wanted->rules[i].uuid = openstack::text_at((*made)[i], "id");
      add_rule(add(set, "item"), {wanted->rules[i], group_id(wanted->group), wanted->group.owner});
    }
    co_return Result<void>();
  }
  co_return refused("Unavailable", "The security group is being changed by others: try again.", 503);
}

// Of each rule that is named every one of Neutron's that means the same; all are there, or none goes.
Result<Texts> uuids_to_revoke(const Wanted& wanted) {
  Texts uuids;
  for (const SecurityRule& rule : wanted.rules) {
    const size_t before = uuids.size();
    for (const SecurityRule& other : wanted.known)
      if (rule.uuid.empty() ? mean_the_same(rule, other) : rule.uuid == other.uuid) uuids.push_back(other.uuid);
    if (uuids.size() == before)
      return refused("InvalidPermission.NotFound",
                     fmt::format("The specified rule does not exist in this security group: {}", said(rule)));
  }
  return uuids;
}

Task<Result<void>> revoke(Ec2Call& call, Xml reply, bool is_egress) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto wanted = co_await read_wanted(call, is_egress);
    if (!wanted) co_return std::unexpected(std::move(wanted.error()));
    auto uuids = uuids_to_revoke(*wanted);
    if (!uuids) co_return std::unexpected(std::move(uuids.error()));
    auto gone = co_await openstack::delete_security_group_rules(call.base, wanted->group.id, std::move(*uuids));
    if (!gone && (was_overtaken(gone.error()) || gone.error().type == "SecurityGroupRuleNotFound")) continue;
    if (!gone) co_return std::unexpected(refusal_of(gone.error(), kGroupId.not_found));
    add(reply, "return", true);
    co_return Result<void>();
  }
  co_return refused("Unavailable", "The security group is being changed by others: try again.", 503);
}

Task<Result<void>> authorize_ingress(Ec2Call& call, Xml reply) { return authorize(call, reply, false); }
Task<Result<void>> authorize_egress(Ec2Call& call, Xml reply) { return authorize(call, reply, true); }
Task<Result<void>> revoke_ingress(Ec2Call& call, Xml reply) { return revoke(call, reply, false); }
Task<Result<void>> revoke_egress(Ec2Call& call, Xml reply) { return revoke(call, reply, true); }

Task<Result<void>> describe_rules(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, kRuleRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  auto paging = read_paging(call.parameters, kRuleId, kLeastResults, "SecurityGroupRuleId");
  if (!paging) co_return std::unexpected(std::move(paging.error()));
  auto groups = co_await all_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  std::vector<ShownRule> shown;
  for (const StoredObject& group : *groups)
    for (SecurityRule& rule : rules_of(group)) shown.push_back({std::move(rule), group_id(group), group.owner});
  const Texts ids = call.parameters.texts("SecurityGroupRuleId");
  if (auto chosen = choose(kRuleId, shown, ids, &id_of, *filters, kRuleRules); !chosen) co_return chosen;
  add_page(reply, "securityGroupRuleSet", shown, *paging, &id_of, &add_rule);
  co_return Result<void>();
}

constexpr std::string_view kOfRevoke[] = {"GroupId",
                                          "GroupName",
                                          "IpPermissions",
                                          "IpProtocol",
                                          "FromPort",
                                          "ToPort",
                                          "CidrIp",
                                          "SourceSecurityGroupName",
                                          "SourceSecurityGroupOwnerId",
                                          "SecurityGroupRuleId"};
// All but the last: a rule that is made has no id yet.
constexpr std::span kOfAuthorize(kOfRevoke, std::size(kOfRevoke) - 1);
constexpr std::string_view kOfDescribe[] = {"Filter", "SecurityGroupRuleId", "MaxResults", "NextToken"};
constexpr std::string_view kTags[] = {"TagSpecification"};

constexpr Action kActions[] = {
    {"AuthorizeSecurityGroupIngress", UserRole::kMember, &authorize_ingress, kOfAuthorize, kTags},
    {"AuthorizeSecurityGroupEgress", UserRole::kMember, &authorize_egress, kOfAuthorize, kTags},
    {"RevokeSecurityGroupIngress", UserRole::kMember, &revoke_ingress, kOfRevoke},
    {"RevokeSecurityGroupEgress", UserRole::kMember, &revoke_egress, kOfRevoke},
    {"DescribeSecurityGroupRules", UserRole::kReader, &describe_rules, kOfDescribe},
};

}  // namespace

std::span<const Action> security_rule_actions() { return kActions; }

}  // namespace kilonova::api::ec2
