// Rules of security groups between EC2's words and Neutron's.
#include "api-server/front/ec2/security_rules.h"

#include <gtest/gtest.h>

#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/subnets.h"

namespace kilonova::api::ec2 {
namespace {

using openstack::Json;
using openstack::StoredObject;

constexpr const char* kWeb = "01234567-89ab-cdef-0123-456789abcdef";
constexpr const char* kOwner = "0123456789abcdef0123456789abcdef";

SecurityGroups groups() {
  return {{.id = kWeb, .owner = kOwner, .body = {{"name", "web"}, {"rules", Json::array()}}},
          {.id = "11234567-89ab-cdef-0123-456789abcdef", .owner = kOwner, .body = {{"name", "db"}}}};
}

// As "tcp 22 22 10.0.0.0/8", or the code of the refusal.
std::string read(const std::string& form) {
  auto rules = read_rules(parse_parameters(parse_form(form).value()).value(), false, groups(), kOwner);
  if (!rules) return rules.error().code;
  std::string text;
  for (const SecurityRule& rule : *rules)
    text += (text.empty() ? "" : "; ") + rule.protocol + " " + std::to_string(rule.from) + " " +
            std::to_string(rule.to) + " " + rule.cidr + rule.group;
  return text;
}

TEST(SecurityRules, AreReadFromPermissions) {
  const std::string tcp = "IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=22&IpPermissions.1.ToPort=23&";
  EXPECT_EQ(read(tcp + "IpPermissions.1.IpRanges.1.CidrIp=10.1.2.3/8"), "tcp 22 23 10.0.0.0/8");
  EXPECT_EQ(read(tcp + "IpPermissions.1.Ipv6Ranges.1.CidrIpv6=FE80::1/64&IpPermissions.1.Groups.1.GroupName=web"),
            "tcp 22 23 fe80::/64; tcp 22 23 " + std::string(kWeb));
  EXPECT_EQ(read(tcp + "IpPermissions.1.Groups.1.GroupId=sg-0123456789abcdef0"), "tcp 22 23 " + std::string(kWeb));
  EXPECT_EQ(
      read("IpPermissions.1.IpProtocol=-1&IpPermissions.1.FromPort=9&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0"),
      "-1 -1 -1 0.0.0.0/0");
  EXPECT_EQ(read("IpProtocol=6&FromPort=1&ToPort=65535&CidrIp=::/0"), "tcp 0 65535 ::/0");
  EXPECT_EQ(read("IpProtocol=icmp&FromPort=8&ToPort=-1&CidrIp=0.0.0.0/0"), "icmp 8 -1 0.0.0.0/0");
  EXPECT_EQ(read("IpProtocol=47&CidrIp=0.0.0.0/0"), "47 -1 -1 0.0.0.0/0");
}

TEST(SecurityRules, WhatIsWrongIsNamed) {
  const std::string any = "&CidrIp=0.0.0.0/0";
  for (const char* wrong :
       {"IpProtocol=tcp", "IpProtocol=tcp&FromPort=2", "IpProtocol=tcp&FromPort=2&ToPort=1",
        "IpProtocol=tcp&FromPort=-1&ToPort=-1", "IpProtocol=udp&FromPort=1&ToPort=65536", "IpProtocol=gre",
        "IpProtocol=256", "IpProtocol=icmp&FromPort=256", "IpProtocol=icmp&FromPort=-1&ToPort=3"})
    EXPECT_EQ(read(wrong + any), "InvalidParameterValue") << wrong;
  for (const char* cidr : {"10.0.0.1", "10.0.0.0/33", "x/8", "", "fe80::1", "10.0.0/8"})
    EXPECT_EQ(read(std::string("IpProtocol=-1&CidrIp=") + cidr), "InvalidParameterValue") << cidr;
  EXPECT_EQ(read("IpPermissions.1.IpProtocol=-1&IpPermissions.1.IpRanges.1.CidrIp=::/0"), "InvalidParameterValue");
  EXPECT_EQ(read("IpProtocol=-1" + any + "&IpPermissions.1.IpProtocol=-1"), "InvalidParameterCombination");
  EXPECT_EQ(read(""), "MissingParameter");
  EXPECT_EQ(read("IpProtocol=-1"), "MissingParameter");
  EXPECT_EQ(read("CidrIp=0.0.0.0/0"), "MissingParameter");
  const std::string group = "IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.";
  EXPECT_EQ(read(group + "GroupName=none"), "InvalidGroup.NotFound");
  EXPECT_EQ(read(group + "GroupId=web"), "InvalidGroupId.Malformed");
  EXPECT_EQ(read(group + "GroupId=sg-00000000000000000"), "InvalidGroup.NotFound");
  EXPECT_EQ(read(group + "GroupName=web&IpPermissions.1.Groups.1.UserId=1"), "InvalidGroup.NotFound");
  EXPECT_EQ(read("IpPermissions.1.IpProtocol=-1&IpPermissions.1.PrefixListIds.1.PrefixListId=pl-1"),
            "UnsupportedOperation");
  EXPECT_EQ(read("IpPermissions.1.IpProtocol=-1&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8&"
                 "IpPermissions.1.IpRanges.2.CidrIp=10.0.0.1/8"),
            "InvalidParameterValue");
}

// What Neutron keeps of a rule is read as the same rule.
TEST(SecurityRules, ComeBackAsTheyWent) {
  for (const char* form : {"IpProtocol=tcp&FromPort=22&ToPort=23&CidrIp=10.0.0.0/8", "IpProtocol=-1&CidrIp=::/0",
                           "IpProtocol=icmp&FromPort=8&ToPort=0&CidrIp=0.0.0.0/0", "IpProtocol=icmpv6&CidrIp=::/0",
                           "IpProtocol=50&CidrIp=0.0.0.0/0", "IpProtocol=-1&SourceSecurityGroupName=web"}) {
    const SecurityRule rule =
        read_rules(parse_parameters(parse_form(form).value()).value(), true, groups(), kOwner).value().front();
    StoredObject group{.id = kWeb, .owner = kOwner, .body = {{"rules", Json::array({neutron_rule(rule)})}}};
    ASSERT_EQ(rules_of(group).size(), 1U);
    EXPECT_TRUE(mean_the_same(rules_of(group).front(), rule)) << form;
  }
}

TEST(SecurityRules, NeutronsOwnAreShown) {
  const Json any{{"direction", "ingress"}, {"ethertype", "IPv6"}}, of_tcp{{"protocol", "6"}};
  const std::vector<SecurityRule> rules = rules_of({.body = {{"rules", Json::array({any, of_tcp})}}});
  EXPECT_EQ(rules[0].protocol + rules[0].cidr, "-1::/0");
  EXPECT_EQ(rules[1].protocol, "tcp");
  EXPECT_EQ(std::pair(rules[1].from, rules[1].to), std::pair(int64_t{0}, int64_t{65'535}));
}

TEST(Rows, AnIdThatTwoShareNamesNeither) {
  SecurityGroups all = groups();
  EXPECT_EQ((*row_with(kGroupId, all, "sg-0123456789abcdef0", &group_id))->id, kWeb);
  all.push_back({.id = "01234567-89ab-cdef-0fff-456789abcdef"});
  EXPECT_EQ(row_with(kGroupId, all, "sg-0123456789abcdef0", &group_id).error().code, "InvalidParameterValue");
  EXPECT_EQ(group_with_name(all, "db").value()->id, all[1].id);
  all[0].body["name"] = "db";
  EXPECT_EQ(group_with_name(all, "db").error().code, "InvalidParameterValue");
}

TEST(Rows, PagesGoByTheId) {
  auto page_of = [](const std::string& form) {
    return read_paging(parse_parameters(parse_form(form).value()).value(), kGroupId, 5, "GroupId");
  };
  EXPECT_EQ(page_of("MaxResults=4").error().code, "InvalidParameterValue");
  EXPECT_EQ(page_of("MaxResults=1001").error().code, "InvalidParameterValue");
  EXPECT_EQ(page_of("NextToken=first").error().code, "InvalidParameterValue");
  EXPECT_EQ(page_of("MaxResults=5&GroupId.1=x").error().code, "InvalidParameterCombination");
  std::vector<std::string> rows{"c", "a", "b"};
  auto same = [](const std::string& row) { return row; };
  EXPECT_EQ(cut_page(rows, {2, ""}, same), "b");
  EXPECT_EQ(rows, (Texts{"a", "b"}));
  rows = {"c", "a"};  // b is gone meanwhile
  EXPECT_EQ(cut_page(rows, {2, "b"}, same), "");
  EXPECT_EQ(rows, Texts{"c"});
}

TEST(Vpc, IsTheSmallestNetworkAroundItsSubnets) {
  EXPECT_EQ(smallest_around({}), "0.0.0.0/0");
  EXPECT_EQ(smallest_around({"10.0.0.0/26"}), "10.0.0.0/26");
  EXPECT_EQ(smallest_around({"10.0.1.0/24", "10.0.0.0/24"}), "10.0.0.0/23");
  EXPECT_EQ(smallest_around({"10.0.0.0/8", "10.1.0.0/16"}), "10.0.0.0/8");
  EXPECT_EQ(smallest_around({"10.0.0.0/24", "192.168.0.0/24"}), "0.0.0.0/0");
}

TEST(Ids, AnAssociationIsOfItsAddressAndItsPort) {
  const std::string id = association_id("f", "p", "10.0.0.1");
  EXPECT_TRUE(is_long_id(kAssociationId.prefix, id));
  EXPECT_EQ(association_id("f", "p", "10.0.0.1"), id);
  EXPECT_NE(association_id("f", "q", "10.0.0.1"), id);
  EXPECT_NE(association_id("f", "p", "10.0.0.2"), id);
}

}  // namespace
}  // namespace kilonova::api::ec2
