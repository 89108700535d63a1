// The private addresses of an interface that is to be made.
#include "api-server/front/ec2/private_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kilonova::api::ec2 {
namespace {

using testing::ElementsAre;

Result<std::vector<std::string>> read(std::string_view form) {
  return read_private_addresses(parse_parameters(parse_form(form).value()).value());
}
std::string code_of(std::string_view form) {
  auto addresses = read(form);
  return addresses ? "" : addresses.error().code;
}

TEST(PrivateAddresses, ThePrimaryOneIsTheFirst) {
  EXPECT_THAT(*read(""), ElementsAre(""));
  EXPECT_THAT(*read("PrivateIpAddress=10.0.0.2"), ElementsAre("10.0.0.2"));
  EXPECT_THAT(*read("PrivateIpAddresses.1.PrivateIpAddress=10.0.0.2"), ElementsAre("10.0.0.2"));
  EXPECT_THAT(*read("PrivateIpAddresses.1.PrivateIpAddress=10.0.0.2&PrivateIpAddresses.1.Primary=false"),
              ElementsAre("", "10.0.0.2"));
  EXPECT_THAT(*read("PrivateIpAddresses.1.PrivateIpAddress=10.0.0.3&PrivateIpAddresses.2.PrivateIpAddress=10.0.0.2&"
                    "PrivateIpAddresses.2.Primary=true"),
              ElementsAre("10.0.0.2", "10.0.0.3"));
  EXPECT_THAT(*read("PrivateIpAddress=10.0.0.2&PrivateIpAddresses.1.PrivateIpAddress=10.0.0.3"),
              ElementsAre("10.0.0.2", "10.0.0.3"));
  EXPECT_THAT(*read("PrivateIpAddress=10.0.0.2&SecondaryPrivateIpAddressCount=2"), ElementsAre("10.0.0.2", "", ""));
}

TEST(PrivateAddresses, WhatCannotBeSaidTogether) {
  EXPECT_EQ(code_of("PrivateIpAddress=10.0.0.2&PrivateIpAddresses.1.PrivateIpAddress=10.0.0.3&"
                    "PrivateIpAddresses.1.Primary=true"),
            "InvalidParameterCombination");
  EXPECT_EQ(code_of("SecondaryPrivateIpAddressCount=1&PrivateIpAddresses.1.PrivateIpAddress=10.0.0.3&"
                    "PrivateIpAddresses.1.Primary=false"),
            "InvalidParameterCombination");
  EXPECT_EQ(code_of("SecondaryPrivateIpAddressCount=64"), "InvalidParameterValue");
  EXPECT_EQ(code_of("SecondaryPrivateIpAddressCount=x"), "InvalidParameterValue");
  EXPECT_EQ(code_of("PrivateIpAddresses.1.Primary=true"), "MissingParameter");
  EXPECT_EQ(code_of("PrivateIpAddresses.1.PrivateIpAddress=10.0.0.3&PrivateIpAddresses.1.Primary=x"),
            "InvalidParameterValue");
  std::string many;
  for (int i = 1; i <= 65; ++i) many += "PrivateIpAddresses." + std::to_string(i) + ".PrivateIpAddress=10.0.0.9&";
  EXPECT_EQ(code_of(many), "PrivateIpAddressLimitExceeded");
}

TEST(PrivateAddresses, WhatOpenStackRefusesHasEc2sCodes) {
  EXPECT_EQ(of_addresses({409, "taken", "IpAddressAlreadyAllocated"}).code, "InvalidIPAddress.InUse");
  EXPECT_EQ(of_addresses({400, "No fixed IP addresses available for network: x"}).code,
            "InsufficientFreeAddressesInSubnet");
  EXPECT_EQ(of_addresses({409, "quota", "OverQuota"}).code, "NetworkInterfaceLimitExceeded");
  EXPECT_EQ(of_addresses({404, "gone"}).code, "InvalidNetworkInterfaceID.NotFound");
}

}  // namespace
}  // namespace kilonova::api::ec2
