// Sets of addresses as lists of prefixes; the expected values are netaddr's (IPSet.iter_cidrs).
#include "api-server/front/openstack/network/ip_prefixes.h"

#include <gtest/gtest.h>

#include <string>

namespace kilonova::api::openstack {
namespace {

std::vector<IpNetwork> prefixes(std::initializer_list<std::string_view> texts) {
  std::vector<IpNetwork> list;
  for (std::string_view text : texts) list.push_back(*parse_ip_network(text));
  return list;
}

std::string text(const std::vector<IpNetwork>& list) {
  std::string all;
  for (IpNetwork one : list) all += (all.empty() ? "" : " ") + to_string(one);
  return all;
}

TEST(IpPrefixes, AreOneWhereTheyMakeUpOne) {
  EXPECT_EQ(text(compact(prefixes({"10.0.1.0/24", "10.0.0.0/24"}))), "10.0.0.0/23");
  EXPECT_EQ(text(compact(prefixes({"10.0.1.0/24", "10.0.2.0/24"}))), "10.0.1.0/24 10.0.2.0/24") << "of two pairs";
  EXPECT_EQ(text(compact(prefixes({"10.0.0.0/25", "10.0.0.128/26", "10.0.0.192/26", "10.0.1.0/24"}))), "10.0.0.0/23");
  EXPECT_EQ(text(compact(prefixes({"10.0.0.0/8", "10.9.0.0/16", "10.0.0.0/8"}))), "10.0.0.0/8");
  EXPECT_EQ(text(compact(prefixes({"0.0.0.0/1", "128.0.0.0/1"}))), "0.0.0.0/0");
  EXPECT_EQ(text(compact(prefixes({"fd00::/65", "fd00:0:0:0:8000::/65"}))), "fd00::/64");
  EXPECT_EQ(text(compact({})), "");
}

TEST(IpPrefixes, WithoutAPartAreWhatIsAroundIt) {
  EXPECT_EQ(text(difference(prefixes({"10.0.0.0/24"}), prefixes({"10.0.0.64/26"}))), "10.0.0.0/26 10.0.0.128/25");
  EXPECT_EQ(text(difference(prefixes({"10.0.0.0/24", "10.0.2.0/24"}), prefixes({"10.0.0.0/16"}))), "");
  EXPECT_EQ(text(difference(prefixes({"10.0.0.0/24"}), prefixes({"10.1.0.0/24"}))), "10.0.0.0/24");
  EXPECT_EQ(text(difference(prefixes({"0.0.0.0/30"}), prefixes({"0.0.0.0/32", "0.0.0.3/32"}))),
            "0.0.0.1/32 0.0.0.2/32");
  EXPECT_EQ(text(difference(prefixes({"fd00::/63"}), prefixes({"fd00::/64"}))), "fd00:0:0:1::/64");
}

TEST(IpPrefixes, HoldAndMeetOthers) {
  const auto all = compact(prefixes({"10.0.0.0/24", "10.0.1.0/24"}));
  EXPECT_TRUE(is_within(all, *parse_ip_network("10.0.0.0/23")));
  EXPECT_FALSE(is_within(all, *parse_ip_network("10.0.0.0/22")));
  EXPECT_TRUE(is_disjoint(all, prefixes({"10.0.2.0/24"})));
  EXPECT_FALSE(is_disjoint(all, prefixes({"10.0.0.0/16"})));
}

}  // namespace
}  // namespace kilonova::api::openstack
