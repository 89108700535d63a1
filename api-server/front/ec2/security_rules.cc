#include "api-server/front/ec2/security_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/openstack/network/security_groups.h"
#include "domain/form_rules.h"
#include "domain/ip_address.h"

namespace kilonova::api::ec2 {
namespace {

using openstack::Json;
using openstack::StoredObject;
using openstack::text_at;

constexpr std::string_view kAll = "-1";
constexpr int64_t kMostPort = 65'535;
constexpr int64_t kMostIcmp = 255;

// Neutron's names of protocols that EC2 shows by their numbers, or by names of its own.
constexpr std::pair<std::string_view, std::string_view> kShown[] = {
    {"1", "icmp"},       {"6", "tcp"},         {"17", "udp"},        {"58", "icmpv6"},    {"ipv6-icmp", "icmpv6"},
    {"ah", "51"},        {"dccp", "33"},       {"egp", "8"},         {"esp", "50"},       {"gre", "47"},
    {"igmp", "2"},       {"ipip", "4"},        {"ipv6-encap", "41"}, {"ipv6-frag", "44"}, {"ipv6-nonxt", "59"},
    {"ipv6-opts", "60"}, {"ipv6-route", "43"}, {"ospf", "89"},       {"pgm", "113"},      {"rsvp", "46"},
    {"sctp", "132"},     {"udplite", "136"},   {"vrrp", "112"}};

std::string shown_protocol(const std::string& protocol) {
  for (const auto& [name, shown] : kShown)
    if (name == protocol) return std::string(shown);
  return protocol;
}

bool has_ports(std::string_view protocol) { return protocol == "tcp" || protocol == "udp"; }
bool is_icmp(std::string_view protocol) { return protocol == "icmp" || protocol == "icmpv6"; }

std::unexpected<Refusal> invalid(std::string message) { return refused("InvalidParameterValue", std::move(message)); }

int64_t number_at(const Json& rule, std::string_view key, int64_t otherwise) {
  const Json* found = openstack::member(rule, key);
  return found != nullptr && found->is_number_integer() ? found->get<int64_t>() : otherwise;
}

SecurityRule rule_from(const Json& rule) {
  SecurityRule shown{.uuid = text_at(rule, "id"), .is_egress = text_at(rule, "direction") == "egress"};
  shown.protocol = shown_protocol(text_at(rule, "protocol"));
  if (shown.protocol.empty()) shown.protocol = kAll;
  shown.from = number_at(rule, "port_range_min", has_ports(shown.protocol) ? 0 : -1);
  shown.to = number_at(rule, "port_range_max", has_ports(shown.protocol) ? kMostPort : -1);
  shown.group = text_at(rule, "remote_group_id");
  shown.cidr = text_at(rule, "normalized_cidr");
  if (shown.cidr.empty()) shown.cidr = text_at(rule, "remote_ip_prefix");
  if (shown.cidr.empty()) shown.cidr = text_at(rule, "ethertype") == "IPv6" ? "::/0" : "0.0.0.0/0";
  if (!shown.group.empty()) shown.cidr.clear();
  shown.description = text_at(rule, "description");
  return shown;
}

// ---- what is asked for

Result<std::string> read_protocol(const Parameter& permission) {
  auto said = required(permission, "IpProtocol");
  if (!said) return said;
  if (*said == "all") return std::string(kAll);
  int64_t number = 0;
  auto [end, error] = std::from_chars(said->data(), said->data() + said->size(), number);
  const bool is_number = error == std::errc() && end == said->data() + said->size() && number >= -1 && number <= 255;
  if (is_number) return shown_protocol(std::to_string(number));
  if (has_ports(*said) || is_icmp(*said)) return said;
  return invalid(fmt::format("Invalid value {} for IP protocol. Unknown protocol.", in_quotes(*said)));
}

Result<void> read_ports(const Parameter& permission, SecurityRule& rule) {
  const int64_t most = has_ports(rule.protocol) ? kMostPort : is_icmp(rule.protocol) ? kMostIcmp : INT32_MAX;
  auto from = integer_of(permission, "FromPort", has_ports(rule.protocol) ? 0 : -1, most);
  if (!from) return std::unexpected(std::move(from.error()));
  auto to = integer_of(permission, "ToPort", has_ports(rule.protocol) ? 0 : -1, most);
  if (!to) return std::unexpected(std::move(to.error()));
  if (has_ports(rule.protocol) && (!*from || !*to))
    return invalid("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
  if (has_ports(rule.protocol) && **from > **to)
    return invalid(fmt::format("Invalid value '{}-{}' for portRange: it ends before it begins.", **from, **to));
  if (is_icmp(rule.protocol) && from->value_or(-1) == -1 && to->value_or(-1) != -1)
    return invalid(fmt::format("Invalid value '{}' for ICMP code: without a type there is none.", **to));
  // Of other protocols EC2 leaves the ports alone.
  if (!has_ports(rule.protocol) && !is_icmp(rule.protocol)) return {};
  rule.from = from->value_or(-1);
  rule.to = to->value_or(-1);
  return {};
}

Result<std::string> read_cidr(const std::string& text, uint8_t version) {
  std::optional<IpNetwork> network = text.contains('/') ? parse_ip_network(text) : std::nullopt;
  if (network && network->base.version == version) return to_string(*network);
  return invalid(fmt::format("CIDR block {} is malformed", in_quotes(text)));
}

Result<std::string> read_group(const std::string& id, const std::string& name, const std::string& account,
                               const SecurityGroups& groups, std::string_view owner) {
  if (!account.empty() && account != owner)
    return refused(
        "InvalidGroup.NotFound",
        fmt::format("The security group {} of the account {} does not exist: groups of other accounts are not "
                    "named here",
                    in_quotes(id.empty() ? name : id), in_quotes(account)));
  if (!id.empty()) {
    auto found = row_with(kGroupId, groups, id, &group_id);
    if (!found) return std::unexpected(std::move(found.error()));
    return (*found)->id;
  }
  auto found = group_with_name(groups, name);
  if (!found) return std::unexpected(std::move(found.error()));
  return (*found)->id;
}

Result<void> read_sources(const Parameter& permission, const SecurityRule& rule, const SecurityGroups& groups,
                          std::string_view owner, std::vector<SecurityRule>& rules) {
  for (const auto& [list, key, version] :
       {std::tuple("IpRanges", "CidrIp", 4), std::tuple("Ipv6Ranges", "CidrIpv6", 6)})
    for (const Parameter* item : permission.items(list)) {
      auto cidr = read_cidr(item->text(key), static_cast<uint8_t>(version));
      if (!cidr) return std::unexpected(std::move(cidr.error()));
      rules.push_back(rule);
      rules.back().cidr = std::move(*cidr);
      rules.back().description = item->text("Description");
    }
  for (const Parameter* item : permission.items("Groups")) {
    auto group = read_group(item->text("GroupId"), item->text("GroupName"), item->text("UserId"), groups, owner);
    if (!group) return std::unexpected(std::move(group.error()));
    rules.push_back(rule);
    rules.back().group = std::move(*group);
    rules.back().description = item->text("Description");
  }
  return {};
}

Result<void> read_permission(const Parameter& permission, bool is_egress, const SecurityGroups& groups,
                             std::string_view owner, std::vector<SecurityRule>& rules) {
  if (permission.has("PrefixListIds"))
    return refused("UnsupportedOperation", "PrefixListIds are not honoured: this cloud has no prefix lists.");
  SecurityRule rule{.is_egress = is_egress};
  auto protocol = read_protocol(permission);
  if (!protocol) return std::unexpected(std::move(protocol.error()));
  rule.protocol = std::move(*protocol);
  if (auto ports = read_ports(permission, rule); !ports) return ports;
  const size_t before = rules.size();
  if (auto sources = read_sources(permission, rule, groups, owner, rules); !sources) return sources;
  if (rules.size() == before)
    return refused("MissingParameter", "A permission must have IpRanges, Ipv6Ranges or Groups.");
  return {};
}

// The parameters of one rule, as before there were IpPermissions; put into their form.
Parameter as_permission(const Parameter& parameters) {
  Parameter permission;
  for (const char* name : {"IpProtocol", "FromPort", "ToPort"})
    if (const Parameter* said = parameters.member(name)) permission.members[name] = *said;
  if (const Parameter* said = parameters.member("CidrIp")) {
    const bool is_6 = said->value.value_or("").contains(':');
    permission.members[is_6 ? "Ipv6Ranges" : "IpRanges"].members["1"].members[is_6 ? "CidrIpv6" : "CidrIp"] = *said;
  }
  for (const auto& [name, of_group] :
       {std::pair("SourceSecurityGroupName", "GroupName"), std::pair("SourceSecurityGroupOwnerId", "UserId")})
    if (const Parameter* said = parameters.member(name))
      permission.members["Groups"].members["1"].members[of_group] = *said;
  return permission;
}

}  // namespace

bool mean_the_same(const SecurityRule& one, const SecurityRule& other) {
  auto key = [](const SecurityRule& rule) {
    return std::tie(rule.is_egress, rule.protocol, rule.from, rule.to, rule.cidr, rule.group);
  };
  return key(one) == key(other);
}

std::string group_id(const StoredObject& group) { return long_id(kGroupId.prefix, std::string_view(group.id)); }
std::string group_name(const StoredObject& group) { return text_at(group.body, "name"); }
std::string rule_id(const SecurityRule& rule) { return long_id(kRuleId.prefix, std::string_view(rule.uuid)); }

Result<const StoredObject*> group_with_name(const SecurityGroups& groups, const std::string& name) {
  auto found = std::ranges::find(groups, name, &group_name);
  if (found == groups.end())
    return refused("InvalidGroup.NotFound", fmt::format("The security group {} does not exist", in_quotes(name)));
  if (std::find_if(found + 1, groups.end(), [&](const StoredObject& group) { return group_name(group) == name; }) !=
      groups.end())
    return invalid(fmt::format("Several security groups have the name {}: an id tells them apart.", in_quotes(name)));
  return &*found;
}

std::vector<SecurityRule> rules_of(const StoredObject& group) {
  std::vector<SecurityRule> rules;
  if (const Json* stored = openstack::member(group.body, "rules"))
    for (const Json& rule : *stored) rules.push_back(rule_from(rule));
  return rules;
}

Json neutron_rule(const SecurityRule& rule) {
  // Neutron knows no port 0.
  auto port = [&](int64_t number) {
    return number < 0 ? Json(nullptr) : Json(number == 0 && has_ports(rule.protocol) ? 1 : number);
  };
  const bool is_6 = rule.cidr.contains(':') || (rule.cidr.empty() && rule.protocol == "icmpv6");
  return {{"direction", rule.is_egress ? "egress" : "ingress"},
          {"ethertype", is_6 ? "IPv6" : "IPv4"},
          {"protocol", rule.protocol == kAll ? Json(nullptr) : Json(rule.protocol)},
          {"port_range_min", port(rule.from)},
          {"port_range_max", port(rule.to)},
          {"remote_ip_prefix", openstack::or_null(rule.cidr)},
          {"remote_group_id", openstack::or_null(rule.group)},
          {"description", rule.description}};
}

Result<std::vector<SecurityRule>> read_rules(const Parameter& parameters, bool is_egress, const SecurityGroups& groups,
                                             std::string_view owner) {
  std::vector<SecurityRule> rules;
  std::vector<const Parameter*> permissions = parameters.items("IpPermissions");
  const Parameter one = as_permission(parameters);
  if (!one.members.empty() && !permissions.empty())
    return refused("InvalidParameterCombination", "A request has IpPermissions, or the parameters of one rule.");
  if (!one.members.empty()) permissions.push_back(&one);
  if (permissions.empty()) return refused("MissingParameter", "The request must contain the parameter IpPermissions");
  for (const Parameter* permission : permissions)
    if (auto read = read_permission(*permission, is_egress, groups, owner, rules); !read)
      return std::unexpected(std::move(read.error()));
  // As they will be shown: a range from 0 is stored as one from 1, and that of all ports as none.
  for (SecurityRule& rule : rules) {
    if (!has_ports(rule.protocol) || rule.to <= 0) continue;
    if (rule.from <= 1) rule.from = rule.to == kMostPort ? 0 : 1;
  }
  if (rules.size() > openstack::kMaxSecurityGroupRules)
    return refused("RulesPerSecurityGroupLimitExceeded",
                   fmt::format("A security group has at most {} rules.", openstack::kMaxSecurityGroupRules));
  for (size_t i = 0; i < rules.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (mean_the_same(rules[i], rules[j])) return invalid("The same permission must not appear multiple times");
  return rules;
}

void add_permissions(Xml parent, const char* name, const std::vector<SecurityRule>& rules, std::string_view owner) {
  std::map<std::tuple<std::string, int64_t, int64_t>, std::vector<const SecurityRule*>> sorted;
  for (const SecurityRule& rule : rules) {
    std::vector<const SecurityRule*>& alike = sorted[{rule.protocol, rule.from, rule.to}];
    // Neutron has one of each version of IP where EC2 has one group.
    if (std::ranges::none_of(alike, [&](const SecurityRule* other) { return mean_the_same(rule, *other); }))
      alike.push_back(&rule);
  }
  Xml set = add(parent, name);
  for (const auto& [key, alike] : sorted) {
    const auto& [protocol, from, to] = key;
    Xml item = add(set, "item");
    add(item, "ipProtocol", protocol);
    if (has_ports(protocol) || is_icmp(protocol)) {
      add(item, "fromPort", from);
      add(item, "toPort", to);
    }
    Xml groups = add(item, "groups"), v4 = add(item, "ipRanges"), v6 = add(item, "ipv6Ranges");
    add(item, "prefixListIds");
    for (const SecurityRule* rule : alike) {
      const bool is_6 = rule->cidr.contains(':');
      Xml source = add(!rule->group.empty() ? groups : is_6 ? v6 : v4, "item");
      if (!rule->group.empty()) {
        add(source, "userId", owner);
        add(source, "groupId", long_id(kGroupId.prefix, std::string_view(rule->group)));
      } else {
        add(source, is_6 ? "cidrIpv6" : "cidrIp", rule->cidr);
      }
      if (!rule->description.empty()) add(source, "description", rule->description);
    }
  }
}

}  // namespace kilonova::api::ec2
