// Access addresses of servers: which texts are addresses.
#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>

#include "domain/server_properties.h"

namespace kilonova {
namespace {

TEST(ServerAccess, AnIpv6AddressIsWhatTheSystemReadsAsOne) {
  for (const char* text : {"::",
                           "::1",
                           "1::",
                           "fe80::1",
                           "1:2:3:4:5:6:7:8",
                           "::ffff:10.0.0.1",
                           "1:2:3:4:5:6:10.0.0.1",
                           "2001:db8::8:800:200c:417a",
                           "",
                           ":",
                           ":::",
                           "1",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1::2::3",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           "12345::",
                           "g::",
                           ":1::",
                           "1:::2",
                           "::1:",
                           "10.0.0.1",
                           "::10.0.0",
                           "10.0.0.1::",
                           "::10.0.0.1:1",
                           "fe80::1%eth0",
                           " ::1"}) {
    in6_addr address{};
    EXPECT_EQ(is_ipv6(text), ::inet_pton(AF_INET6, text, &address) == 1) << text;
  }
}

TEST(ServerAccess, WhatIsNoAddressIsRefused) {
  EXPECT_TRUE(check_access({.access_ip_v4 = "10.0.0.1", .access_ip_v6 = "::1"}).has_value());
  EXPECT_FALSE(check_access({.access_ip_v4 = "10.0.0.256"}).has_value());
  EXPECT_FALSE(check_access({.access_ip_v6 = "here"}).has_value());
}

TEST(ServerAccess, WhatIsNotSaidStays) {
  ServerProperties properties{.access_ip_v4 = "10.0.0.1", .auto_disk_config = true};
  set_access({.sets_access_ip_v6 = true, .access_ip_v6 = "::1"}, properties);
  EXPECT_EQ(properties.access_ip_v4, "10.0.0.1");
  EXPECT_EQ(properties.access_ip_v6, "::1");
  EXPECT_TRUE(properties.auto_disk_config);
}

}  // namespace
}  // namespace kilonova
