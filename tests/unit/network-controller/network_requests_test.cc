#include <gtest/gtest.h>

#include "domain/api.h"
#include "domain/nouns/network.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"
#include "domain/user_role.h"
#include "tests/unit/network-controller/network_fixture.h"

namespace kilonova::network {
namespace {

struct NetworkRequestsTest : ::testing::Test {
  ErrorCode code_of(const ApiReply& reply) { return reply.result ? ErrorCode::kInternal : reply.result.error().code; }
  std::string message_of(const ApiReply& reply) { return reply.result ? "" : reply.result.error().message; }
  NetworkWorld world;
};

TEST_F(NetworkRequestsTest, CreateAnswersTheNetworkAfterTheSnapshot) {
  world.transport.clear();
  world.send(kController, ApiCall{member(1), {}, CreateNetwork{"mine", "10.5.0.0/16", "", false, false}}, 9);
  world.settle();
  ASSERT_EQ(world.transport.sent().size(), 2u);
  EXPECT_EQ(world.transport.all<NetworksSnapshot>().at(0).networks.size(), 3u);
  EXPECT_EQ(world.transport.sent()[1].message.call, 9u);
  ApiReply reply = world.transport.all<ApiReply>().at(0);
  ASSERT_TRUE(reply.result.has_value()) << message_of(reply);
  NetworkList made = get<NetworkList>(*reply.result);
  ASSERT_EQ(made.networks.size(), 1u);
  EXPECT_EQ(made.used, std::vector<uint64_t>{0});
  EXPECT_EQ(made.networks[0].name, "mine");
  EXPECT_EQ(made.networks[0].project_id, uuid_of(1));
  EXPECT_EQ(made.networks[0].vlan, 102);
  EXPECT_EQ(made.networks[0].created_at.us, (world.loop.wall_now() - WallTime{seconds(1).us}).us);
  EXPECT_EQ(world.networks(member(1), to_string(made.networks[0].id)), made);
  EXPECT_EQ(world.networks(member(1), "mine"), made);
}

TEST_F(NetworkRequestsTest, NamesAreUniqueInAProject) {
  CreateNetwork request{"mine", "10.5.0.0/16", "", false, false};
  EXPECT_TRUE(world.ask(member(1), request).result.has_value());
  EXPECT_EQ(code_of(world.ask(member(1), request)), ErrorCode::kAlreadyExists);
  EXPECT_TRUE(world.ask(member(2), request).result.has_value());
}

TEST_F(NetworkRequestsTest, TwoCreatesOfOneNameAtOnceMakeOne) {
  world.disk.commit_latency = milliseconds(20);
  world.transport.clear();
  for (uint64_t call : {1, 2})
    world.send(kController, ApiCall{member(1), {}, CreateNetwork{"mine", "10.5.0.0/16", "", false, false}}, call);
  world.settle();
  auto replies = world.transport.all<ApiReply>();
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_TRUE(replies[0].result.has_value());
  EXPECT_EQ(code_of(replies[1]), ErrorCode::kAlreadyExists);
}

TEST_F(NetworkRequestsTest, AProjectLeavesVlansToOthers) {
  for (int i = 0; i < 100; ++i) {
    ApiReply made = world.ask(member(1), CreateNetwork{"n" + std::to_string(i), "10.5.0.0/16", "", false, false});
    ASSERT_TRUE(made.result.has_value()) << made.result.error().message;
  }
  ApiReply refused = world.ask(member(1), CreateNetwork{"more", "10.5.0.0/16", "", false, false});
  EXPECT_EQ(code_of(refused), ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(world.ask(member(2), CreateNetwork{"more", "10.5.0.0/16", "", false, false}).result.has_value());
}

TEST_F(NetworkRequestsTest, BadOnesChangeNothing) {
  EXPECT_EQ(code_of(world.ask(member(1), CreateNetwork{"x", "10.5.0.1/16", "", false, false})),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(world.ask(member(1), CreateNetwork{"x", "10.5.0.0/16", "", true, false})),
            ErrorCode::kPermissionDenied);
  RequestContext reader = member(1);
  reader.role = UserRole::kReader;
  EXPECT_EQ(code_of(world.ask(reader, CreateNetwork{"x", "10.5.0.0/16", "", false, false})),
            ErrorCode::kPermissionDenied);
  world.disk.fail_next({ErrorCode::kUnavailable, "disk full"});
  EXPECT_EQ(code_of(world.ask(member(1), CreateNetwork{"x", "10.5.0.0/16", "", false, false})),
            ErrorCode::kUnavailable);
  EXPECT_EQ(code_of(world.ask(admin(), ListServers{})), ErrorCode::kUnimplemented);
  EXPECT_EQ(world.networks(admin()).networks.size(), 2u);
  EXPECT_EQ(world.image.state().networks.size(), 2u);
}

// Who sees and who deletes a network of project 1.
TEST_F(NetworkRequestsTest, ScopeTable) {
  struct Row {
    const char* name;
    bool shared, external;
    bool other_sees;
  };
  for (const Row& row : {Row{"plain", false, false, false}, Row{"shared", true, false, true},
                         Row{"external", false, true, true}, Row{"both", true, true, true}}) {
    Network made = world.create(admin(1), {row.name, "10.6.0.0/24", "", row.shared, row.external});
    EXPECT_EQ(world.networks(member(1), row.name).networks.size(), 1u) << row.name;
    EXPECT_EQ(world.networks(member(2), row.name).networks.size(), row.other_sees ? 1u : 0u) << row.name;
    EXPECT_EQ(world.networks(admin(2), row.name).networks.size(), 1u) << row.name;
    EXPECT_EQ(code_of(world.ask(member(2), DeleteNetwork{row.name})),
              row.other_sees ? ErrorCode::kPermissionDenied : ErrorCode::kNotFound)
        << row.name;
    EXPECT_EQ(code_of(world.ask(member(2), ListLeases{row.name, 10})),
              row.other_sees ? ErrorCode::kPermissionDenied : ErrorCode::kNotFound)
        << row.name;
    EXPECT_TRUE(world.ask(member(1), ListLeases{row.name, 10}).result.has_value()) << row.name;
    EXPECT_TRUE(world.ask(row.shared ? admin(2) : member(1), DeleteNetwork{row.name}).result.has_value()) << row.name;
    EXPECT_EQ(code_of(world.ask(admin(1), ListNetworks{row.name})), ErrorCode::kNotFound);
  }
}

TEST_F(NetworkRequestsTest, ANameThatSeveralBearIsAConflict) {
  world.create(member(1), {"twin", "10.6.0.0/24", "", false, false});
  Network second = world.create(member(2), {"twin", "10.6.0.0/24", "", false, false});
  EXPECT_NE(world.networks(admin()).networks.back().vlan, world.networks(admin()).networks.front().vlan);
  EXPECT_EQ(code_of(world.ask(admin(), DeleteNetwork{"twin"})), ErrorCode::kConflict);
  EXPECT_EQ(code_of(world.ask(admin(), DeleteNetwork{""})), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(world.ask(admin(), DeleteNetwork{to_string(second.id)}).result.has_value());
  EXPECT_TRUE(world.ask(admin(), DeleteNetwork{"twin"}).result.has_value());
}

TEST_F(NetworkRequestsTest, ANetworkInUseStays) {
  Network mine = world.create(member(1), {"mine", "10.6.0.0/24", "", false, false});
  world.allocate(placement(1), {mine.id, mine.id});
  ApiReply refused = world.ask(member(1), DeleteNetwork{"mine"});
  EXPECT_EQ(code_of(refused), ErrorCode::kConflict);
  EXPECT_EQ(message_of(refused), "network 'mine' has 2 addresses in use; delete the servers first");
  world.release(placement(1));
  ApiReply done = world.ask(member(1), DeleteNetwork{"mine"});
  ASSERT_TRUE(done.result.has_value());
  EXPECT_TRUE(holds_alternative<Empty>(*done.result));
  EXPECT_EQ(world.transport.all<NetworksSnapshot>().back().networks.size(), 2u);
  // Its VLAN is free again.
  EXPECT_EQ(world.create(member(1), {"next", "10.6.0.0/24", "", false, false}).vlan, mine.vlan);
}

TEST_F(NetworkRequestsTest, NoAddressOfANetworkThatIsBeingDeleted) {
  Network mine = world.create(member(1), {"mine", "10.6.0.0/24", "", false, false});
  world.disk.commit_latency = milliseconds(50);
  for (bool fails : {true, false}) {
    if (fails) world.disk.fail_next({ErrorCode::kUnavailable, "disk full"});
    world.transport.clear();
    world.send(kController, ApiCall{member(1), {}, DeleteNetwork{"mine"}}, 1);
    world.loop.run_until(world.loop.now() + milliseconds(10));
    world.send(kCompute, world.request(placement(1), {mine.id}), 2);
    world.settle();
    EXPECT_EQ(world.transport.all<AllocateAddressesReply>().at(0).fault.code, ErrorCode::kNotFound);
    EXPECT_EQ(world.transport.all<ApiReply>().at(0).result.has_value(), !fails);
    EXPECT_EQ(world.networks(member(1), "mine").networks.size(), fails ? 1u : 0u);
  }
  // The other way round: an address on its way keeps the network.
  Network other = world.create(member(1), {"other", "10.6.0.0/24", "", false, false});
  world.transport.clear();
  world.send(kCompute, world.request(placement(2), {other.id}), 2);
  world.loop.run_until(world.loop.now() + milliseconds(10));
  world.send(kController, ApiCall{member(1), {}, DeleteNetwork{"other"}}, 1);
  world.settle();
  EXPECT_EQ(code_of(world.transport.all<ApiReply>().at(0)), ErrorCode::kConflict);
  EXPECT_EQ(world.transport.all<AllocateAddressesReply>().at(0).addresses.size(), 1u);
}

TEST_F(NetworkRequestsTest, VlansRunOut) {
  NetworkOptions options;
  options.vlan_start = 4093;
  NetworkWorld narrow(options);
  ApiReply refused = narrow.ask(member(1), CreateNetwork{"x", "10.6.0.0/24", "", false, false});
  EXPECT_EQ(code_of(refused), ErrorCode::kResourceExhausted);
  EXPECT_NE(message_of(refused).find("4093 to 4094"), std::string::npos);
}

TEST_F(NetworkRequestsTest, LeasesInAddressOrderWithRenewals) {
  Network mine = world.create(member(1), {"mine", "10.6.0.0/24", "", false, false});
  for (uint64_t i : {5, 3, 4}) world.allocate(placement(i, i), {world.private_network(), mine.id});
  auto leases = [&](uint32_t limit) {
    ApiReply reply = world.ask(member(1), ListLeases{"mine", limit});
    return reply.result ? get<LeaseList>(*reply.result).leases : std::vector<Lease>{};
  };
  auto all = leases(10);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].instance, uuid_of(5));
  EXPECT_EQ(all[0].epoch, 5u);
  EXPECT_EQ(all[0].hostname, "web");
  EXPECT_EQ(to_string(all[0].address.ip), "10.6.0.2");
  EXPECT_EQ(all[0].address.nic, 1u);
  EXPECT_EQ(to_string(all[2].address.ip), "10.6.0.4");
  EXPECT_EQ(leases(2).size(), 2u);
  EXPECT_EQ(leases(0).size(), 0u);
  world.loop.run_until(world.loop.now() + seconds(86400 * 3));
  for (const Lease& lease : leases(10)) EXPECT_GT(lease.address.lease_expires_at, world.loop.wall_now());
}

}  // namespace
}  // namespace kilonova::network
