// Which route table a subnet is in, and where it leads.
#include "api-server/front/ec2/route_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace kilonova::api::ec2 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

Uuid uuid(std::string_view digits) {
  return parse_uuid(std::string(digits) + "0000-0000-0000-0000-000000000000").value();
}
const Uuid kProject = uuid("aaaa");
const char* const kRouter = "bbbb0000-0000-0000-0000-000000000001";
const char* const kOther = "cccc0000-0000-0000-0000-000000000001";

ShownSubnet subnet(const char* id, std::string cidr, std::string gateway, bool is_shared = false) {
  ShownSubnet one;
  one.subnet.row.id = uuid(id);
  one.subnet.row.network_id = uuid(id);  // each has a network of its own
  one.subnet.row.cidr = std::move(cidr);
  one.subnet.row.gateway = std::move(gateway);
  one.is_shared = is_shared;
  return one;
}

const std::vector<ShownSubnet> kSubnets = {
    subnet("0001", "10.1.0.0/24", "10.1.0.1"), subnet("0002", "10.2.0.0/24", "10.2.0.1"),
    subnet("0003", "10.3.0.0/24", "10.3.0.1"), subnet("0004", "10.4.0.0/24", "10.4.0.1", true)};

std::vector<ShownTable> tables(const std::vector<Router>& routers, const NextHops& hops = {}) {
  return route_tables(kProject, routers, kSubnets, true, "10.0.0.0/8", hops);
}
const ShownTable& table(const std::vector<ShownTable>& all, std::string_view id) {
  return *std::ranges::find(all, id, &ShownTable::id);
}
std::vector<std::pair<std::string, std::string>> ways(const ShownTable& table) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const ShownRoute& route : table.routes)
    all.emplace_back(route.destination, route.is_active ? route.gateway + route.hop.interface : "blackhole");
  return all;
}
std::vector<std::string> subnets_of(const ShownTable& table) {
  std::vector<std::string> all;
  for (const ShownAssociation& one : table.associations) all.push_back(one.subnet.substr(0, 11));
  return all;
}

TEST(RouteTables, ARouterIsOneOfTheSubnetsThatItLeadsOn) {
  const Router router{.uuid = kRouter,
                      .has_gateway = true,
                      .interfaces = {{uuid("0001"), "10.1.0.1"}, {uuid("0002"), "10.2.0.1"}},
                      .tags = {{"Name", "edge"}}};
  const auto all = tables({router});
  ASSERT_EQ(all.size(), 3);
  const ShownTable& of_router = table(all, "rtb-bbbb0000000000000");
  EXPECT_THAT(ways(of_router), ElementsAre(Pair("10.1.0.0/24", "local"), Pair("10.2.0.0/24", "local"),
                                           Pair("0.0.0.0/0", "igw-bbbb0000000000000")));
  EXPECT_THAT(subnets_of(of_router), ElementsAre("subnet-0001", "subnet-0002"));
  EXPECT_THAT(of_router.tags, ElementsAre(MetadataItem{"Name", "edge"}));
  // A network that is everybody's leads out without one, and one that nothing leads on reaches itself.
  const ShownTable& main = table(all, "rtb-aaaa0000000000000");
  EXPECT_TRUE(main.is_main);
  EXPECT_THAT(ways(main), ElementsAre(Pair("10.4.0.0/24", "local"), Pair("0.0.0.0/0", "igw-aaaa0000000000000")));
  EXPECT_THAT(subnets_of(main), ElementsAre(""));
  EXPECT_THAT(ways(table(all, "rtb-00030000000000000")), ElementsAre(Pair("10.3.0.0/24", "local")));
  EXPECT_THAT(subnets_of(table(all, "rtb-00030000000000000")), ElementsAre("subnet-0003"));
}

TEST(RouteTables, OfTwoRoutersItIsThatOfTheGateway) {
  const Router first{.uuid = kRouter, .interfaces = {{uuid("0001"), "10.1.0.9"}}};
  const Router second{.uuid = kOther, .interfaces = {{uuid("0001"), "10.1.0.1"}}};
  const auto all = tables({first, second});
  EXPECT_THAT(subnets_of(table(all, "rtb-bbbb0000000000000")), IsEmpty());
  EXPECT_THAT(subnets_of(table(all, "rtb-cccc0000000000000")), ElementsAre("subnet-0001"));
  // Both are on it, though.
  EXPECT_THAT(ways(table(all, "rtb-bbbb0000000000000")), ElementsAre(Pair("10.1.0.0/24", "local")));
}

TEST(RouteTables, RoutesLeadToWhatHasTheNextHop) {
  Router router{.uuid = kRouter, .has_gateway = true, .interfaces = {{uuid("0001"), "10.1.0.1"}}};
  router.routes = {{"10.8.0.0/16", "10.1.0.7"}, {"10.9.0.0/16", "10.1.0.8"}, {"0.0.0.0/0", "172.24.4.9"}};
  const NextHops hops = {{{uuid("0001"), "10.1.0.7"}, {"eni-1", "i-1"}},
                         {{uuid("0002"), "10.1.0.8"}, {"eni-2", ""}}};  // of a subnet that it is not on
  EXPECT_THAT(ways(table(tables({router}, hops), "rtb-bbbb0000000000000")),
              ElementsAre(Pair("10.1.0.0/24", "local"), Pair("10.8.0.0/16", "eni-1"), Pair("10.9.0.0/16", "blackhole"),
                          Pair("0.0.0.0/0", "igw-bbbb0000000000000")));
  router.is_up = false;
  EXPECT_THAT(ways(table(tables({router}, hops), "rtb-bbbb0000000000000")),
              ElementsAre(Pair("10.1.0.0/24", "local"), Pair("10.8.0.0/16", "blackhole"),
                          Pair("10.9.0.0/16", "blackhole"), Pair("0.0.0.0/0", "blackhole")));
}

TEST(RouteTables, WithoutAnythingThereIsTheMainOne) {
  const auto all = route_tables(kProject, {}, {}, true, "0.0.0.0/0", {});
  ASSERT_EQ(all.size(), 1);
  EXPECT_THAT(ways(all.front()), ElementsAre(Pair("0.0.0.0/0", "local")));
}

std::vector<std::string> ids(const std::vector<ShownGateway>& all) {
  std::vector<std::string> ids;
  for (const ShownGateway& one : all) ids.push_back(one.id);
  return ids;
}

TEST(Gateways, AreOfRoutersThatHaveOneAndOfNetworksThatAreEverybodys) {
  const Router out{.uuid = kRouter, .has_gateway = true, .gateway_tags = {{"Name", "out"}}}, in{.uuid = kOther};
  const auto all = gateways(kProject, {out, in}, kSubnets, true);
  EXPECT_THAT(ids(all), UnorderedElementsAre("igw-aaaa0000000000000", "igw-bbbb0000000000000"));
  EXPECT_THAT(ids(gateways(kProject, {in}, {kSubnets.front()}, true)), IsEmpty());
  EXPECT_THAT(ids(gateways(kProject, {in}, kSubnets, false)), IsEmpty());
}

}  // namespace
}  // namespace kilonova::api::ec2
