#include "domain/port_list.h"

#include <gtest/gtest.h>

#include <string>

#include "domain/nouns/server.h"

namespace kilonova {
namespace {

const Uuid kOne = *parse_uuid("11111111-1111-1111-1111-111111111111");
const Uuid kTwo = *parse_uuid("22222222-2222-2222-2222-222222222222");

TEST(PortList, ReadsWhatItWrites) {
  for (const std::vector<Uuid>& ports : {std::vector{kOne}, std::vector{kTwo, kOne}})
    EXPECT_EQ(ports_of(network_of_ports(ports)), ports);
  EXPECT_EQ(network_of_ports(std::vector{kOne, kTwo}), "port:" + to_string(kOne) + "," + to_string(kTwo));
}

TEST(PortList, TakesNothingElse) {
  const std::string one = "port:" + to_string(kOne);
  for (const std::string& text : {std::string(), std::string("port:"), std::string("private"), to_string(kOne),
                                  one + ",", "port:," + to_string(kOne), one + ", " + to_string(kTwo), one + ",x"})
    EXPECT_EQ(ports_of(text), std::nullopt) << text;
}

TEST(PortList, IsCheckedWithItsLaunch) {
  CreateServers wanted{.name = "web", .flavor = "1", .image = "cirros"};
  wanted.networks = {network_of_ports(std::vector<Uuid>(kMaxServersPerCall, kOne))};
  EXPECT_TRUE(wanted.check());
  wanted.networks = {"port:x"};
  ASSERT_FALSE(wanted.check());
  EXPECT_EQ(wanted.check().error().message,
            "the network 'port:x' must be 'port:' and the id of a port for each server, with commas between");
}

}  // namespace
}  // namespace kilonova
