// A reset of the cloud: the networks are those of a first start, with their ids, and nobody holds anything.
#include <gtest/gtest.h>

#include "domain/api.h"
#include "domain/nouns/cloud_reset.h"
#include "domain/nouns/network.h"
#include "domain/nouns/network_part.h"
#include "tests/unit/network-controller/network_fixture.h"

namespace kilonova::network {
namespace {

class ResetNetworksTest : public ::testing::Test {
 protected:
  ResetNetworksTest() { network = world.private_network(); }

  bool reset(uint64_t id) { return world.ask(admin(), ResetNetworks{uuid_of(id)}).result.has_value(); }
  Uuid create_network() {
    ApiReply answer = world.ask(admin(), CreateNetwork{.name = "mine", .cidr = "192.168.0.0/24"});
    return answer.result ? get<NetworkList>(*answer.result).networks.at(0).id : Uuid{};
  }
  std::vector<Network> networks() {
    ApiReply answer = world.ask(admin(), ListNetworks{});
    return answer.result ? get<NetworkList>(*answer.result).networks : std::vector<Network>{};
  }

  NetworkWorld world;
  Uuid network;
};

TEST_F(ResetNetworksTest, WhatWasMadeGoesAndTheFirstNetworksKeepTheirIds) {
  const std::vector<Network> first = networks();
  Uuid mine = create_network();
  world.allocate(placement(1), {network});
  world.allocate(placement(2), {mine});
  Port port{.id = uuid_of(7), .network_id = network, .project_id = uuid_of(1)};
  ASSERT_TRUE(world.ask(admin(), StorePort{port, true}).result.has_value());
  ASSERT_TRUE(reset(1));
  std::vector<Network> after = networks();
  ASSERT_EQ(after.size(), first.size());
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(after[i].id, first[i].id);
    EXPECT_EQ(after[i].name, first[i].name);
  }
  EXPECT_EQ(world.state().holdings.size(), 0U);
  EXPECT_TRUE(world.state().ports.all().empty());
  EXPECT_EQ(world.state().macs.used(), 0U);
  EXPECT_TRUE(world.allocate(placement(3), {network}).addresses.empty()) << "its ticket is of before";
  world.send(kController, AddressKey{kTicketKey});
  EXPECT_EQ(world.allocate(placement(3), {network}).addresses.size(), 1U) << "it serves again";
}

// Their flows end with the others; who waits would ask again in seconds only.
TEST_F(ResetNetworksTest, WhatIsUnderWayIsAnswered) {
  world.allocate(placement(1), {network});
  world.send(kCompute, ReleaseAddresses{placement(1), {}, 0, ticket_for(placement(1), kTicketKey)}, 5);
  world.transport.take<AllocateAddressesReply>();
  world.send(kCompute, NetworkWorld::request(placement(2), {network}), 6);
  ASSERT_TRUE(reset(1));
  EXPECT_EQ(world.transport.take<AddressesReleased>(), std::vector<AddressesReleased>{{placement(1)}});
  auto refused = world.transport.take<AllocateAddressesReply>();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].fault.code, ErrorCode::kConflict) << "its build is stale";
  EXPECT_EQ(world.leases(), 0U);
}

TEST_F(ResetNetworksTest, ItsRepetitionIsTheSameReset) {
  ASSERT_TRUE(reset(1));
  create_network();
  ASSERT_TRUE(reset(1));
  EXPECT_EQ(networks().size(), 3U);
  ASSERT_TRUE(reset(2));
  EXPECT_EQ(networks().size(), 2U);
}

TEST_F(ResetNetworksTest, AFirstNetworkThatWasDeletedIsThereAgain) {
  ASSERT_TRUE(world.ask(admin(), DeleteNetwork{"public"}).result.has_value());
  ASSERT_TRUE(reset(1));
  EXPECT_EQ(networks().size(), 2U);
}

TEST_F(ResetNetworksTest, OnlyTheControllersWordCounts) {
  RequestContext member = admin();
  member.role = UserRole::kMember;
  EXPECT_FALSE(world.ask(member, ResetNetworks{uuid_of(1)}).result.has_value());
}

}  // namespace
}  // namespace kilonova::network
