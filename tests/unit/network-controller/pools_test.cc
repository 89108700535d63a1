#include <gtest/gtest.h>

#include <set>

#include "base/random.h"
#include "domain/subnet_rules.h"
#include "network-controller/core/address_pool.h"
#include "network-controller/core/index_pool.h"
#include "network-controller/core/mac_pool.h"

namespace kilonova::network {
namespace {

// With Neutron's default ranges.
AddressPool pool_of(const char* cidr, const char* gateway) {
  IpNetwork network = *parse_ip_network(cidr);
  std::vector<IpRange> ranges;
  for (const AddressRange& range : default_pools(network, parse_ip(gateway)))
    ranges.push_back({*parse_ip(range.first), *parse_ip(range.last)});
  return {network, std::move(ranges)};
}

TEST(IndexPool, AgreesWithASetAtEverySize) {
  for (uint32_t size : {1u, 2u, 63u, 64u, 65u, 127u, 128u, 4095u, 4096u, 4097u, 5000u, 270'000u}) {
    IndexPool pool(size);
    std::set<uint32_t> model;
    Random random(size);
    for (int i = 0; i < 6000; ++i) {
      auto index = static_cast<uint32_t>(random.below(size + 2));
      // Stretches, so that whole words and summaries fill and empty.
      auto length = static_cast<uint32_t>(random.below(200));
      bool taking = random.chance(0.55);
      for (uint32_t k = index; k < index + length; ++k) {
        if (taking) {
          ASSERT_EQ(pool.take(k), k < size && model.insert(k).second);
        } else {
          ASSERT_EQ(pool.release(k), model.erase(k) == 1);
        }
      }
      ASSERT_EQ(pool.count(), model.size());
      if (i % 20 != 0) continue;
      auto from = static_cast<uint32_t>(random.below(size + 2));
      uint32_t free = from;
      while (free < size && model.contains(free)) ++free;
      ASSERT_EQ(pool.next_free(from), free < size ? std::optional(free) : std::nullopt) << size << " from " << from;
      auto taken = model.lower_bound(from);
      ASSERT_EQ(pool.next_taken(from), taken == model.end() ? std::nullopt : std::optional(*taken));
      ASSERT_EQ(pool.taken(from), model.contains(from));
    }
  }
}

TEST(AddressPool, GivesOutNoNetworkGatewayAndBroadcast) {
  AddressPool pool = pool_of("10.1.2.0/29", "10.1.2.3");
  EXPECT_EQ(pool.usable(), 5u);
  std::string given;
  while (auto address = pool.allocate()) given += to_string(*address) + " ";
  EXPECT_EQ(given, "10.1.2.1 10.1.2.2 10.1.2.4 10.1.2.5 10.1.2.6 ");
  EXPECT_EQ(pool.used(), 5u);
  for (const char* reserved : {"10.1.2.0", "10.1.2.7", "10.1.2.8", "10.1.1.255", "0.0.0.0", "::1"}) {
    EXPECT_FALSE(pool.release(*parse_ip(reserved))) << reserved;
    EXPECT_FALSE(pool.take(*parse_ip(reserved))) << reserved;
    EXPECT_FALSE(pool.in_use(*parse_ip(reserved))) << reserved;
  }
  EXPECT_TRUE(pool.take(*parse_ip("10.1.2.3"))) << "a router asks for the gateway's";
  EXPECT_FALSE(pool.take(*parse_ip("10.1.2.3")));
}

TEST(AddressPool, GivesOutOfItsRangesAlone) {
  AddressPool pool(*parse_ip_network("10.0.0.0/24"), {{*parse_ip("10.0.0.9"), *parse_ip("10.0.0.10")},
                                                      {*parse_ip("10.0.0.200"), *parse_ip("10.0.0.200")}});
  EXPECT_EQ(pool.usable(), 3u);
  std::string given;
  while (auto address = pool.allocate()) given += to_string(*address) + " ";
  EXPECT_EQ(given, "10.0.0.9 10.0.0.10 10.0.0.200 ");
  EXPECT_TRUE(pool.take(*parse_ip("10.0.0.50")));
  EXPECT_TRUE(pool.release(*parse_ip("10.0.0.10")));
  EXPECT_EQ(pool.allocate(), parse_ip("10.0.0.10"));
  pool.set_ranges({});
  EXPECT_EQ(pool.allocate(), std::nullopt);
  EXPECT_EQ(pool.used(), 4u);
}

TEST(AddressPool, OfIpv6) {
  AddressPool pool = pool_of("2001:db8::/64", "2001:db8::1");
  EXPECT_EQ(pool.usable(), UINT64_MAX - 1);
  EXPECT_TRUE(pool.take(*parse_ip("2001:db8::3")));
  EXPECT_EQ(to_string(*pool.allocate()), "2001:db8::4");
  EXPECT_FALSE(pool.take(*parse_ip("2001:db8:0:1::3")));
  AddressPool small = pool_of("fd00::/126", "fd00::1");
  std::string given;
  while (auto address = small.allocate()) given += to_string(*address) + " ";
  EXPECT_EQ(given, "fd00::2 fd00::3 ");
  EXPECT_TRUE(small.release(*parse_ip("fd00::2")));
  EXPECT_EQ(small.allocate(), parse_ip("fd00::2"));
}

TEST(AddressPool, TheSmallestHasOneAddress) {
  AddressPool pool = pool_of("255.255.255.252/30", "255.255.255.253");
  EXPECT_EQ(pool.usable(), 1u);
  EXPECT_EQ(to_string(*pool.allocate()), "255.255.255.254");
  EXPECT_EQ(pool.allocate(), std::nullopt);
  EXPECT_EQ(pool.next_in_use({0}), *parse_ipv4("255.255.255.254"));
  EXPECT_TRUE(pool.release(*parse_ip("255.255.255.254")));
  EXPECT_EQ(pool.next_in_use({0}), std::nullopt);
  EXPECT_TRUE(pool.allocate().has_value());
}

TEST(AddressPool, AFreedAddressRestsAsLongAsPossible) {
  AddressPool pool = pool_of("10.0.0.0/29", "10.0.0.1");
  IpAddress first = *pool.allocate();
  pool.release(first);
  for (int i = 0; i < 4; ++i) EXPECT_NE(pool.allocate(), first);
  EXPECT_EQ(pool.allocate(), first);
}

TEST(AddressPool, AHugeNetworkStartsSmallAndCanBeDrained) {
  AddressPool pool = pool_of("10.0.0.0/8", "10.0.0.1");
  EXPECT_EQ(pool.usable(), (1u << 24) - 3);
  for (uint32_t i = 0; i < pool.usable(); ++i) ASSERT_EQ(pool.allocate(), to_ip(Ipv4{0x0a000002 + i}));
  EXPECT_EQ(pool.allocate(), std::nullopt);
  pool.release(to_ip(Ipv4{0x0a123456}));
  EXPECT_EQ(pool.allocate(), to_ip(Ipv4{0x0a123456}));
  EXPECT_EQ(pool.allocate(), std::nullopt);
}

TEST(AddressPool, RandomUseGivesNoAddressTwice) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    Random random(seed);
    auto prefix = static_cast<uint8_t>(24 + random.below(7));
    uint32_t base = parse_ipv4("192.168.1.0")->value;
    uint32_t hosts = (1u << (32 - prefix)) - 2;
    Ipv4 gateway{base + 1 + static_cast<uint32_t>(random.below(hosts))};
    AddressPool pool = pool_of(("192.168.1.0/" + std::to_string(prefix)).c_str(), to_string(gateway).c_str());
    std::set<uint32_t> held;
    for (int i = 0; i < 5000; ++i) {
      if (random.chance(0.5)) {
        auto address = pool.allocate();
        ASSERT_EQ(address.has_value(), held.size() < pool.usable());
        if (!address) continue;
        ASSERT_TRUE(held.insert(to_ipv4(*address).value).second);
        ASSERT_NE(to_ipv4(*address), gateway);
        ASSERT_GT(to_ipv4(*address).value, base);
        ASSERT_LE(to_ipv4(*address).value, base + hosts);
      } else if (!held.empty()) {
        auto at = std::next(held.begin(), static_cast<ptrdiff_t>(random.below(held.size())));
        ASSERT_TRUE(pool.release(to_ip(Ipv4{*at})));
        ASSERT_FALSE(pool.release(to_ip(Ipv4{*at})));
        held.erase(at);
      }
      ASSERT_EQ(pool.used(), held.size());
    }
  }
}

TEST(AddressReservation, FreesUnlessKept) {
  AddressPool pool = pool_of("10.0.0.0/24", "10.0.0.1");
  {
    AddressReservation dropped(pool, *pool.allocate());
    AddressReservation kept(pool, *pool.allocate());
    AddressReservation moved(std::move(dropped));
    kept.keep();
    EXPECT_EQ(pool.used(), 2u);
  }
  EXPECT_EQ(pool.used(), 1u);
  EXPECT_TRUE(pool.in_use(*parse_ip("10.0.0.3")));
}

TEST(MacPool, CountsUpFromItsPrefix) {
  MacPool pool;
  EXPECT_EQ(to_string(*pool.allocate()), "fa:16:3e:00:00:01");
  EXPECT_EQ(to_string(*pool.allocate()), "fa:16:3e:00:00:02");
  EXPECT_TRUE(pool.take({0xfa163e0000ff}));
  EXPECT_FALSE(pool.take({0xfa163e0000ff}));
  EXPECT_FALSE(pool.take({0xfa163f0000ff}));
  EXPECT_FALSE(pool.take({0xfa163e000000}));
  EXPECT_EQ(to_string(*pool.allocate()), "fa:16:3e:00:01:00");
  EXPECT_TRUE(pool.release({0xfa163e000001}));
  EXPECT_FALSE(pool.release({0xfa163e000001}));
  EXPECT_EQ(pool.used(), 3u);
}

TEST(MacPool, EndsAndBeginsAgain) {
  MacPool pool;
  for (uint32_t i = 1; i < (1u << 24); ++i) ASSERT_TRUE(pool.allocate().has_value());
  EXPECT_EQ(pool.allocate(), std::nullopt);
  pool.release({0xfa163e000007});
  EXPECT_EQ(pool.allocate(), Mac{0xfa163e000007});
}

}  // namespace
}  // namespace kilonova::network
