// Which role each action asks for: what is not in this table is not there.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/ec2_front.h"

namespace kilonova::api::ec2 {
namespace {

constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kMember = UserRole::kMember;

const std::map<std::string_view, UserRole> kRoles = {
    {"AllocateAddress", kMember},
    {"AssignPrivateIpAddresses", kMember},
    {"AssociateAddress", kMember},
    {"AttachNetworkInterface", kMember},
    {"AuthorizeSecurityGroupEgress", kMember},
    {"AuthorizeSecurityGroupIngress", kMember},
    {"CreateImage", kMember},
    {"CreateKeyPair", kMember},
    {"CreateNetworkInterface", kMember},
    {"CreateSecurityGroup", kMember},
    {"CreateTags", kMember},
    {"DeleteKeyPair", kMember},
    {"DeleteNetworkInterface", kMember},
    {"DeleteSecurityGroup", kMember},
    {"DeleteTags", kMember},
    {"DeregisterImage", kMember},
    {"DescribeAccountAttributes", kReader},
    {"DescribeAddresses", kReader},
    {"DescribeAddressesAttribute", kReader},
    {"DescribeAvailabilityZones", kReader},
    {"DescribeCapacityReservations", kReader},
    {"DescribeDhcpOptions", kReader},
    {"DescribeEgressOnlyInternetGateways", kReader},
    {"DescribeHosts", kReader},
    {"DescribeIamInstanceProfileAssociations", kReader},
    {"DescribeImageAttribute", kReader},
    {"DescribeImages", kReader},
    {"DescribeInstanceAttribute", kReader},
    {"DescribeInstanceCreditSpecifications", kReader},
    {"DescribeInstanceStatus", kReader},
    {"DescribeInstanceTypeOfferings", kReader},
    {"DescribeInstanceTypes", kReader},
    {"DescribeInstances", kReader},
    {"DescribeInternetGateways", kReader},
    {"DescribeKeyPairs", kReader},
    {"DescribeLaunchTemplates", kReader},
    {"DescribeManagedPrefixLists", kReader},
    {"DescribeNatGateways", kReader},
    {"DescribeNetworkAcls", kReader},
    {"DescribeNetworkInterfaceAttribute", kReader},
    {"DescribeNetworkInterfaces", kReader},
    {"DescribePrefixLists", kReader},
    {"DescribeRegions", kReader},
    {"DescribeRouteTables", kReader},
    {"DescribeSecurityGroupRules", kReader},
    {"DescribeSecurityGroups", kReader},
    {"DescribeSnapshots", kReader},
    {"DescribeSpotInstanceRequests", kReader},
    {"DescribeSubnets", kReader},
    {"DescribeTags", kReader},
    {"DescribeVolumeStatus", kReader},
    {"DescribeVolumes", kReader},
    {"DescribeVpcAttribute", kReader},
    {"DescribeVpcEndpoints", kReader},
    {"DescribeVpcPeeringConnections", kReader},
    {"DescribeVpcs", kReader},
    {"DescribeVpnGateways", kReader},
    {"DetachNetworkInterface", kMember},
    {"DisassociateAddress", kMember},
    {"GetConsoleOutput", kMember},
    {"GetEbsEncryptionByDefault", kReader},
    {"GetPasswordData", kMember},
    {"ImportKeyPair", kMember},
    {"ModifyInstanceAttribute", kMember},
    {"ModifyNetworkInterfaceAttribute", kMember},
    {"MonitorInstances", kMember},
    {"RebootInstances", kMember},
    {"RegisterImage", kMember},
    {"ReleaseAddress", kMember},
    {"RevokeSecurityGroupEgress", kMember},
    {"RevokeSecurityGroupIngress", kMember},
    {"RunInstances", kMember},
    {"StartInstances", kMember},
    {"StopInstances", kMember},
    {"TerminateInstances", kMember},
    {"UnassignPrivateIpAddresses", kMember},
    {"UnmonitorInstances", kMember},
};

TEST(Actions, EachAsksForItsRole) {
  size_t rows = 0;
  for (std::span<const Action> part :
       {account_actions(), address_actions(), image_actions(), image_change_actions(), instance_actions(),
        instance_attribute_actions(), instance_state_actions(), instance_type_actions(), interface_change_actions(),
        key_pair_actions(), nothing_actions(), route_actions(), run_instances_actions(), security_group_actions(),
        security_rule_actions(), tag_actions(), vpc_actions()})
    for (const Action& action : part) {
      auto expected = kRoles.find(action.name);
      ASSERT_NE(expected, kRoles.end()) << action.name;
      EXPECT_EQ(action.role, expected->second) << action.name;
      EXPECT_EQ(find_action(action.name), &action);
      ++rows;
    }
  EXPECT_EQ(rows, kRoles.size());
  EXPECT_EQ(find_action("DescribeFpgaImages"), nullptr);
  EXPECT_EQ(find_action(""), nullptr);
}

std::string code_of(std::string_view action, std::string_view form) {
  auto checked = check_parameters(*find_action(action), parse_parameters(parse_form(form).value()).value());
  return checked ? "" : checked.error().code;
}

TEST(Actions, ParametersAreHonouredOrRefused) {
  EXPECT_EQ(code_of("RunInstances", "Action=RunInstances&Version=1&DryRun=true&ImageId=x&Placement.AvailabilityZone=a"),
            "");
  EXPECT_EQ(code_of("RunInstances", "LaunchTemplate.LaunchTemplateId=x"), "UnsupportedOperation");
  EXPECT_EQ(code_of("RunInstances", "Imageid=x"), "UnknownParameter");
  EXPECT_EQ(code_of("DescribeInstances", "ImageId=x"), "UnknownParameter");
}

// A list that is empty for ever still knows what EC2 may be asked with.
TEST(Actions, WhatThereIsNoneOfIsAskedForAsByEc2) {
  EXPECT_EQ(code_of("DescribeNatGateways", "NatGatewayId.1=nat-1&Filter.1.Name=vpc-id&MaxResults=5&NextToken=x"), "");
  EXPECT_EQ(code_of("DescribeVpnGateways", "MaxResults=5"), "UnknownParameter");
  EXPECT_EQ(code_of("DescribeLaunchTemplates", "LaunchTemplateName.1=x"), "UnsupportedOperation");
}

TEST(Front, TakesItsPathsAlone) {
  for (const char* target : {"/ec2", "/ec2/", "/ec2?Action=x", "/services/Cloud", "/services/Cloud/"})
    EXPECT_TRUE(Ec2Front::takes({.method = "POST", .target = target})) << target;
  for (const char* target : {"/", "", "/ec2/x", "/ec", "/services", "/services/Admin", "/compute/v2.1", "/%zz"})
    EXPECT_FALSE(Ec2Front::takes({.method = "POST", .target = target})) << target;
}

}  // namespace
}  // namespace kilonova::api::ec2
