#include "network-controller/core/network_core.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "domain/api.h"
#include "domain/nouns/network.h"
#include "tests/unit/network-controller/network_fixture.h"

namespace kilonova::network {
namespace {

struct NetworkCoreTest : ::testing::Test {
  // A network of the given size of project 1.
  Uuid small(const char* cidr) { return world.create(member(1), {"small", cidr, "", false, false}).id; }
  NetworkWorld world;
};

std::string ip_of(const AllocateAddressesReply& reply, size_t nic = 0) {
  return nic < reply.addresses.size() ? to_string(reply.addresses[nic].ip) : reply.fault.message;
}

TEST_F(NetworkCoreTest, FirstStartMakesTwoNetworks) {
  auto snapshots = world.transport.all<NetworksSnapshot>();
  ASSERT_EQ(snapshots.size(), 1u);  // not before they are stored
  NetworkList list = world.networks(admin());
  ASSERT_EQ(list.networks.size(), 2u);
  auto networks = list.networks;
  std::sort(networks.begin(), networks.end(), [](auto& a, auto& b) { return a.name < b.name; });
  EXPECT_EQ(networks[0].name, "private");
  EXPECT_EQ(to_string(networks[0].cidr), "10.0.0.0/8");
  EXPECT_TRUE(networks[0].shared);
  EXPECT_FALSE(networks[0].external);
  EXPECT_EQ(networks[0].vlan, 100);
  EXPECT_EQ(networks[1].name, "public");
  EXPECT_EQ(to_string(networks[1].cidr), "172.24.4.0/24");
  EXPECT_TRUE(networks[1].shared && networks[1].external);
  EXPECT_EQ(networks[1].vlan, 101);
  EXPECT_EQ(world.image.state().networks.size(), 2u);
  world.restart();
  EXPECT_EQ(world.networks(admin()), list);
  EXPECT_EQ(world.transport.all<NetworksSnapshot>().size(), 2u);
}

TEST_F(NetworkCoreTest, FirstStartOnAFullDiskWaitsAndServesThen) {
  NetworkWorld full;
  full.image = {};
  full.disk.fail_from_now_on({ErrorCode::kUnavailable, "disk full"});
  full.transport.clear();
  full.restart();
  full.send(kController, ApiCall{admin(), {}, ListNetworks{}}, 3);
  full.settle();
  EXPECT_EQ(full.transport.count<ApiReply>(), 0u);
  EXPECT_EQ(full.transport.count<NetworksSnapshot>(), 0u);
  full.disk.recover();
  full.settle();
  EXPECT_EQ(full.transport.count<ApiReply>(), 1u);
  EXPECT_EQ(full.transport.count<NetworksSnapshot>(), 1u);
}

TEST_F(NetworkCoreTest, AllocatesAndRecordsTheStep) {
  Uuid network = world.private_network();
  world.log.steps.clear();
  AllocateAddressesReply reply = world.allocate(placement(1), {network});
  EXPECT_EQ(reply.fault.message, "");
  EXPECT_EQ(reply.placement, placement(1));
  ASSERT_EQ(reply.addresses.size(), 1u);
  const Address& address = reply.addresses[0];
  EXPECT_EQ(to_string(address.ip), "10.0.0.2");
  EXPECT_EQ(to_string(address.gateway), "10.0.0.1");
  EXPECT_EQ(address.prefix, 8);
  EXPECT_EQ(to_string(address.mac), "fa:16:3e:00:00:01");
  EXPECT_EQ(address.network_id, network);
  EXPECT_EQ(address.network_name, "private");
  EXPECT_EQ(address.vlan, 100);
  EXPECT_EQ(address.bridge, "br100");
  EXPECT_EQ(address.nic, 0u);
  EXPECT_EQ((address.lease_expires_at - world.loop.wall_now()).us, seconds(86400 - 1).us);
  ASSERT_EQ(reply.steps.size(), 1u);
  EXPECT_EQ(reply.steps[0].step, LaunchStep::kAddressAllocated);
  EXPECT_EQ(reply.steps[0].daemon, "network-0");
  EXPECT_EQ(reply.steps[0].host, "h1");
  EXPECT_EQ(reply.steps[0].epoch, 1u);
  EXPECT_EQ(reply.steps[0].attempt, 1u);
  ASSERT_EQ(world.log.steps.size(), 1u);
  EXPECT_EQ(world.log.steps[0].record, reply.steps[0]);
  ASSERT_EQ(world.leases(), 1u);
  EXPECT_EQ(world.image.state().leases[0], (Lease{uuid_of(1), 1, "web", address}));
}

TEST_F(NetworkCoreTest, TheReplyKeepsItsCallAndFollowsTheCommit) {
  world.disk.commit_latency = milliseconds(100);
  Uuid network = world.private_network();
  world.transport.clear();
  world.send(kCompute, world.request(placement(1), {network}), 42);
  world.loop.run_until(world.loop.now() + milliseconds(99));
  EXPECT_TRUE(world.transport.sent().empty());
  world.loop.run_until(world.loop.now() + milliseconds(2));
  ASSERT_EQ(world.transport.sent().size(), 1u);
  EXPECT_EQ(world.transport.sent()[0].to, kCompute);
  EXPECT_EQ(world.transport.sent()[0].message.call, 42u);
  EXPECT_EQ(world.transport.all<AllocateAddressesReply>()[0].steps[0].duration, milliseconds(100));
}

TEST_F(NetworkCoreTest, ARepeatGetsTheSameAHigherEpochOthersALowerNothing) {
  Uuid network = world.private_network();
  AllocateAddressesReply first = world.allocate(placement(1, 2), {network, network});
  ASSERT_EQ(first.addresses.size(), 2u);
  EXPECT_NE(first.addresses[0].ip, first.addresses[1].ip);
  EXPECT_NE(first.addresses[0].mac, first.addresses[1].mac);
  EXPECT_EQ(world.allocate(placement(1, 2), {network, network}).addresses, first.addresses);
  EXPECT_EQ(world.leases(), 2u);

  AllocateAddressesReply second = world.allocate(placement(1, 3), {network});
  ASSERT_EQ(second.addresses.size(), 1u);
  for (const Address& address : first.addresses) EXPECT_NE(second.addresses[0].ip, address.ip);
  EXPECT_EQ(world.leases(), 1u);
  EXPECT_EQ(world.networks(admin(), "private").used.at(0), 1u);
  EXPECT_EQ(world.state().macs.used(), 1u);

  AllocateAddressesReply stale = world.allocate(placement(1, 2), {network});
  EXPECT_EQ(stale.fault.code, ErrorCode::kConflict);
  EXPECT_EQ(stale.fault.message.substr(0, 5), "stale");
  EXPECT_EQ(stale.steps.at(0).fault, stale.fault.message);
  EXPECT_TRUE(stale.addresses.empty());
  EXPECT_EQ(world.leases(), 1u);
}

// A host that was restarted has a guest that nobody heard of: the controller asks for its addresses again.
TEST_F(NetworkCoreTest, ARepeatFromTheControllerGetsTheSame) {
  Uuid network = world.private_network();
  AllocateAddressesReply first = world.allocate(placement(1), {network});
  world.send(kController, NetworkWorld::request(placement(1), {network}), 7);
  world.settle();
  auto replies = world.transport.take<AllocateAddressesReply>();
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].addresses, first.addresses);
  EXPECT_EQ(world.leases(), 1u);
}

TEST_F(NetworkCoreTest, AReleasedEpochGetsNothingALaterOneDoes) {
  Uuid network = world.private_network();
  world.allocate(placement(1, 2), {network});
  EXPECT_TRUE(world.release(placement(1, 2)));
  EXPECT_EQ(world.leases(), 0u);
  EXPECT_EQ(world.state().macs.used(), 0u);
  EXPECT_EQ(world.allocate(placement(1, 2), {network}).fault.code, ErrorCode::kConflict);
  EXPECT_EQ(world.allocate(placement(1, 1), {network}).fault.code, ErrorCode::kConflict);
  EXPECT_EQ(world.allocate(placement(1, 3), {network}).addresses.size(), 1u);
}

TEST_F(NetworkCoreTest, ReleaseConfirmsToWhoeverAskedAlsoWhenNothingIsHeld) {
  EXPECT_TRUE(world.release(placement(7, 1), kController));
  EXPECT_TRUE(world.release(placement(7, 1), kCompute));
  EXPECT_EQ(world.image.state().fences.size(), 1u);
  Uuid network = world.private_network();
  EXPECT_EQ(world.allocate(placement(7, 1), {network}).fault.code, ErrorCode::kConflict);
}

TEST_F(NetworkCoreTest, AReleaseOfALowerEpochLeavesTheHigherOne) {
  Uuid network = world.private_network();
  AllocateAddressesReply current = world.allocate(placement(1, 5), {network});
  EXPECT_TRUE(world.release(placement(1, 4)));
  EXPECT_EQ(world.leases(), 1u);
  EXPECT_EQ(world.allocate(placement(1, 5), {network}).addresses, current.addresses);
  EXPECT_TRUE(world.release(placement(1, 9)));  // a delete's epoch is higher than the placement's
  EXPECT_EQ(world.leases(), 0u);
}

TEST_F(NetworkCoreTest, AServerThatMovesKeepsItsAddresses) {
  Uuid network = world.private_network();
  AllocateAddressesReply source = world.allocate(placement(1, 2), {network, network});
  AllocateAddressesReply target = world.allocate_shared(placement(1, 3), {network, network}, 2);
  ASSERT_EQ(target.addresses.size(), 2u) << target.fault.message;
  EXPECT_EQ(target.addresses, source.addresses);
  EXPECT_EQ(world.leases(), 2u);
  EXPECT_EQ(world.allocate(placement(1, 2), {network, network}).addresses, source.addresses);

  world.restart();
  EXPECT_EQ(world.allocate(placement(1, 3), {network, network}).addresses, source.addresses);
  // Confirmed: the source is released.
  EXPECT_TRUE(world.release(placement(1, 2), kController, 3));
  EXPECT_TRUE(world.release(placement(1, 2), kController, 3));
  EXPECT_EQ(world.leases(), 2u);
  EXPECT_EQ(world.allocate(placement(1, 2), {network}).fault.code, ErrorCode::kConflict);
  EXPECT_EQ(world.allocate(placement(1, 3), {network, network}).addresses, source.addresses);

  // The next move is taken back, also after it was heard twice.
  EXPECT_EQ(world.allocate_shared(placement(1, 4), {network, network}, 3).addresses, source.addresses);
  EXPECT_TRUE(world.release(placement(1, 4), kCompute, 3));
  EXPECT_TRUE(world.release(placement(1, 4), kCompute, 3));
  EXPECT_EQ(world.allocate_shared(placement(1, 4), {network, network}, 3).fault.code, ErrorCode::kConflict);
  world.restart();
  EXPECT_EQ(world.allocate(placement(1, 3), {network, network}).addresses, source.addresses);

  EXPECT_TRUE(world.release(placement(1, 5), kController));  // deleted
  EXPECT_EQ(world.leases(), 0u);
  EXPECT_EQ(world.state().macs.used(), 0u);
}

TEST_F(NetworkCoreTest, AMoveMayTryHostAfterHost) {
  Uuid network = world.private_network();
  AllocateAddressesReply source = world.allocate(placement(1, 2), {network});
  world.allocate_shared(placement(1, 3), {network}, 2);
  // Nobody has heard of 3 since.
  EXPECT_EQ(world.allocate_shared(placement(1, 4), {network}, 2).addresses, source.addresses);
  EXPECT_TRUE(world.release(placement(1, 3), kCompute, 2));
  EXPECT_EQ(world.allocate(placement(1, 4), {network}).addresses, source.addresses);
  // Its host has lost its memory, and with it who keeps them.
  EXPECT_TRUE(world.release(placement(1, 4)));
  EXPECT_TRUE(world.release(placement(1, 4)));
  EXPECT_TRUE(world.release(placement(1, 3)));
  EXPECT_EQ(world.allocate(placement(1, 2), {network}).addresses, source.addresses);
  EXPECT_EQ(world.leases(), 1u);
}

TEST_F(NetworkCoreTest, AnAuditLeavesTheOtherPlacementOfAMoveItsAddresses) {
  NetworkWorld audited({.audit_interval = seconds(100)});
  Uuid network = audited.private_network();
  AllocateAddressesReply source = audited.allocate(placement(1, 2), {network});
  audited.allocate_shared(placement(1, 3), {network}, 2);
  audited.transport.take<OwnershipQuery>();
  audited.loop.run_until(audited.loop.now() + seconds(101));
  auto queries = audited.transport.take<OwnershipQuery>();
  ASSERT_EQ(queries.size(), 1u);
  EXPECT_EQ(queries[0].held, (std::vector<PlacementId>{placement(1, 3), placement(1, 2)}));
  audited.send(kController, OwnershipAnswer{{placement(1, 3)}});
  audited.settle();
  EXPECT_EQ(audited.allocate(placement(1, 2), {network}).addresses, source.addresses);
  EXPECT_EQ(audited.allocate(placement(1, 3), {network}).fault.code, ErrorCode::kConflict);
  audited.allocate_shared(placement(1, 4), {network}, 2);
  audited.send(kController, OwnershipAnswer{{placement(1, 4), placement(1, 2)}});
  audited.settle();
  EXPECT_EQ(audited.leases(), 0u);
}

TEST_F(NetworkCoreTest, ExhaustionIsAClearFaultAndRefillWorks) {
  Uuid network = small("10.9.9.0/29");
  std::set<std::string> given;
  for (uint64_t i = 0; i < 5; ++i) given.insert(ip_of(world.allocate(placement(i), {network})));
  EXPECT_EQ(given.size(), 5u);
  AllocateAddressesReply refused = world.allocate(placement(9), {network});
  EXPECT_EQ(refused.fault.code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(refused.fault.message, "No more IP addresses available on network small (10.9.9.0/29, 5 usable)");
  EXPECT_EQ(world.leases(), 5u);
  world.release(placement(3));
  EXPECT_EQ(world.allocate(placement(9), {network}).addresses.size(), 1u);
}

TEST_F(NetworkCoreTest, APartialFailureReleasesAll) {
  Uuid large = world.private_network(), tiny = small("10.9.9.0/30");
  world.allocate(placement(1), {tiny});
  EXPECT_EQ(world.allocate(placement(2), {large, large, tiny}).fault.code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(world.networks(admin(), "private").used.at(0), 0u);
  EXPECT_EQ(world.state().macs.used(), 1u);
  EXPECT_EQ(world.allocate(placement(2), {large}).addresses.size(), 1u);
}

TEST_F(NetworkCoreTest, AFailedCommitDropsReservationsAndKeepsWhatWas) {
  Uuid network = world.private_network();
  AllocateAddressesReply first = world.allocate(placement(1, 1), {network});
  world.disk.fail_next({ErrorCode::kUnavailable, "disk full"});
  AllocateAddressesReply failed = world.allocate(placement(1, 2), {network});
  EXPECT_EQ(failed.fault.code, ErrorCode::kUnavailable);
  EXPECT_NE(failed.fault.message.find("disk full"), std::string::npos);
  EXPECT_EQ(world.networks(admin(), "private").used.at(0), 1u);
  EXPECT_EQ(world.state().macs.used(), 1u);
  EXPECT_EQ(world.allocate(placement(1, 1), {network}).addresses, first.addresses);

  world.disk.fail_next({ErrorCode::kUnavailable, "disk full"});
  EXPECT_FALSE(world.release(placement(1, 1)));  // not confirmed: the asker asks again
  EXPECT_EQ(world.leases(), 1u);
  EXPECT_TRUE(world.release(placement(1, 1)));
  EXPECT_EQ(world.leases(), 0u);
}

TEST_F(NetworkCoreTest, NetworksOfOthersAndUnknownOnesAreRefused) {
  Uuid mine = small("10.9.9.0/24");
  EXPECT_EQ(world.allocate(placement(1), {mine}, 2).fault.code, ErrorCode::kNotFound);
  EXPECT_EQ(world.allocate(placement(1), {mine}, 1).addresses.size(), 1u);
  EXPECT_EQ(world.allocate(placement(2), {uuid_of(12345)}).fault.code, ErrorCode::kNotFound);
  EXPECT_EQ(world.allocate(placement(2), std::vector<Uuid>(65, mine)).fault.code, ErrorCode::kInvalidArgument);
  AllocateAddressesReply none = world.allocate(placement(3), {});
  EXPECT_EQ(none.fault.message, "");
  EXPECT_TRUE(none.addresses.empty());
}

TEST_F(NetworkCoreTest, EverythingIsThereAfterARestart) {
  Uuid network = world.private_network();
  AllocateAddressesReply one = world.allocate(placement(1, 3), {network, network});
  world.allocate(placement(2, 1), {network});
  world.release(placement(2, 1));
  world.restart();
  EXPECT_EQ(world.allocate(placement(1, 3), {network, network}).addresses, one.addresses);
  EXPECT_EQ(world.allocate(placement(1, 2), {network}).fault.code, ErrorCode::kConflict);
  EXPECT_EQ(world.allocate(placement(2, 1), {network}).fault.code, ErrorCode::kConflict);
  AllocateAddressesReply other = world.allocate(placement(3, 1), {network});
  for (const Address& address : one.addresses) {
    EXPECT_NE(other.addresses.at(0).ip, address.ip);
    EXPECT_NE(other.addresses.at(0).mac, address.mac);
  }
}

TEST_F(NetworkCoreTest, ACrashInMidCommitLeavesAllOrNothing) {
  Uuid network = world.private_network();
  for (size_t kept : {0u, 1u}) {
    world.disk.commit_latency = milliseconds(100);
    world.disk.kept_on_crash = [kept](size_t) { return kept; };
    PlacementId id = placement(50 + kept);
    world.send(kCompute, world.request(id, {network, network}), 1);
    world.loop.run_until(world.loop.now() + milliseconds(50));
    world.restart();
    EXPECT_TRUE(world.transport.take<AllocateAddressesReply>().empty());
    EXPECT_EQ(world.leases(), 2 * kept);
    EXPECT_EQ(world.allocate(id, {network, network}).addresses.size(), 2u);
    EXPECT_TRUE(world.release(id));
  }
}

TEST_F(NetworkCoreTest, RowsThatContradictEachOtherAreDataLoss) {
  Uuid network = world.private_network();
  world.allocate(placement(1), {network});
  Lease twin = world.image.state().leases[0];
  twin.instance = uuid_of(2);
  ASSERT_TRUE(world.image.apply({network_mutation::PutLease{twin}}));
  world.restart();
  ASSERT_FALSE(world.started.has_value());
  EXPECT_EQ(world.started.error().code, ErrorCode::kDataLoss);
  EXPECT_NE(world.started.error().message.find("10.0.0.2"), std::string::npos) << world.started.error().message;
}

TEST_F(NetworkCoreTest, AnAnswerIsOnlyForTheIncarnationThatAsked) {
  Uuid network = world.private_network();
  world.transport.clear();
  world.send(kCompute, world.request(placement(1), {network}), 3);
  world.transport.connect(*world.core, kCompute, 2);
  world.settle();
  EXPECT_EQ(world.transport.count<AllocateAddressesReply>(), 0u);
  EXPECT_EQ(world.leases(), 1u);
}

TEST_F(NetworkCoreTest, AuditsInChunksAndReleasesOrphans) {
  NetworkOptions options;
  options.audit_chunk = 4;
  NetworkWorld audited(options);
  Uuid network = audited.private_network();
  for (uint64_t i = 1; i <= 10; ++i) audited.allocate(placement(i, 2), {network});
  audited.transport.clear();
  audited.loop.run_until(audited.loop.now() + seconds(300));
  std::vector<PlacementId> held;
  auto queries = audited.transport.take<OwnershipQuery>();
  EXPECT_EQ(queries.size(), 3u);
  for (const auto& query : queries) held.insert(held.end(), query.held.begin(), query.held.end());
  ASSERT_EQ(held.size(), 10u);
  for (uint64_t i = 1; i <= 10; ++i) EXPECT_EQ(held[i - 1], placement(i, 2));

  // 1 moved on meanwhile, 2 is an orphan, 77 is nobody.
  audited.allocate(placement(1, 3), {network});
  audited.send(kController, OwnershipAnswer{{placement(1, 2), placement(2, 2), placement(77, 1)}});
  audited.settle();
  EXPECT_EQ(audited.leases(), 9u);
  EXPECT_EQ(audited.state().holdings.find(uuid_of(2)), nullptr);
  EXPECT_NE(audited.state().holdings.find(uuid_of(1)), nullptr);
  EXPECT_EQ(audited.allocate(placement(2, 2), {network}).fault.code, ErrorCode::kConflict);
}

TEST_F(NetworkCoreTest, NoWallClockLetsAFenceDown) {
  Uuid network = world.private_network();
  world.allocate(placement(1, 2), {network});
  EXPECT_TRUE(world.release(placement(1, 2)));
  for (Duration jump : {seconds(25 * 3600), seconds(400 * 86'400), Duration{} - seconds(400 * 86'400)}) {
    const Duration before = world.loop.wall_offset();
    world.loop.set_wall_offset(before + jump);
    world.restart();
    world.loop.run_until(world.loop.now() + seconds(100));
    EXPECT_EQ(world.allocate(placement(1, 2), {network}).fault.code, ErrorCode::kConflict);
    EXPECT_TRUE(world.release(placement(2, 1)));  // a stamp of this life
    world.loop.set_wall_offset(before);
    world.restart();
    EXPECT_EQ(world.state().holdings.fences(), 2u);
  }
  world.loop.run_until(world.loop.now() + seconds(4000));
  EXPECT_EQ(world.state().holdings.fences(), 0u) << "they end all the same";
}

TEST_F(NetworkCoreTest, FencesAreForgottenInTime) {
  for (uint64_t i = 0; i < 2500; ++i) world.send(kController, ReleaseAddresses{placement(i), {}});
  world.settle();
  EXPECT_EQ(world.image.state().fences.size(), 2500u);
  world.restart();
  EXPECT_EQ(world.state().holdings.fences(), 2500u);
  world.loop.run_until(world.loop.now() + seconds(3000));
  EXPECT_EQ(world.image.state().fences.size(), 2500u);
  world.loop.run_until(world.loop.now() + seconds(1000));
  EXPECT_EQ(world.image.state().fences.size(), 0u);
  EXPECT_EQ(world.state().holdings.fences(), 0u);
}

// Only an administrator's server comes so far with an external network: the controller has asked who it is.
TEST_F(NetworkCoreTest, AnExternalNetworkGivesAddressesToo) {
  Uuid external = world.networks(admin(), "public").networks.at(0).id;
  AllocateAddressesReply allocated = world.allocate(placement(2), {external});
  EXPECT_EQ(allocated.fault.message, "");
  ASSERT_EQ(allocated.addresses.size(), 1u);
  EXPECT_EQ(allocated.addresses[0].network_name, "public");
}

TEST_F(NetworkCoreTest, MessagesOfTheWrongRoleAreIgnored) {
  world.transport.connect(*world.core, {Role::kScheduler, 0}, 1);
  world.send({Role::kScheduler, 0}, ReleaseAddresses{placement(1), {}});
  world.send({Role::kScheduler, 0}, world.request(placement(1), {}));
  world.send(kCompute, ApiCall{admin(), {}, ListNetworks{}});
  world.send(kCompute, OwnershipAnswer{{placement(1)}});
  world.send(kController, TokenKeys{"key"});
  world.settle();
  EXPECT_EQ(world.log.events.size(), 5u);
}

TEST_F(NetworkCoreTest, OptionsAreChecked) {
  EXPECT_TRUE(validate(NetworkOptions{}).has_value());
  NetworkOptions options;
  options.vlan_start = 4095;
  EXPECT_NE(validate(options).error().message.find("4095"), std::string::npos);
  options = {};
  options.audit_chunk = 0;
  EXPECT_FALSE(validate(options).has_value());
  options = {};
  options.fence_retention = {};
  EXPECT_FALSE(validate(options).has_value());
}

// Any order of allocations, releases, failures and crashes: no address twice, nothing leaks, memory equals the disk.
TEST(NetworkCoreProperty, RandomWorkLeaksNothing) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    NetworkWorld world;
    world.disk.commit_latency = milliseconds(3);
    world.disk.kept_on_crash = [&](size_t waiting) { return random.below(waiting + 1); };
    std::vector<Uuid> networks = {world.private_network(),
                                  world.create(member(1), {"a", "10.1.0.0/29", "", false, false}).id,
                                  world.create(member(1), {"b", "10.1.0.0/28", "", false, false}).id};
    for (int i = 0; i < 400; ++i) {
      PlacementId id = placement(random.below(15), 1 + random.below(6));
      switch (random.below(12)) {
        case 0: world.disk.fail_next({ErrorCode::kUnavailable, "disk"}); break;
        case 1: world.loop.run_until(world.loop.now() + milliseconds(static_cast<int64_t>(random.below(8)))); break;
        case 2:
          if (random.chance(0.2)) world.restart();
          break;
        case 3: world.send(kController, OwnershipAnswer{{id}}); break;
        case 4:
        case 5:
          world.send(random.chance(0.5) ? kCompute : kController,
                     ReleaseAddresses{id, {}, 0, ticket_for(id, kTicketKey)});
          break;
        case 6: world.send(kController, ApiCall{admin(), {}, DeleteNetwork{random.chance(0.5) ? "a" : "b"}}); break;
        default: {
          std::vector<Uuid> wanted;
          for (uint64_t n = random.below(4); n > 0; --n) wanted.push_back(networks[random.below(3)]);
          world.send(kCompute, world.request(id, wanted), 1);
        }
      }
      if (i % 10 == 0) world.settle();
    }
    world.disk = {};
    world.settle();
    NetworkState disk = world.image.state();
    std::set<std::pair<Uuid, uint32_t>> ips;
    std::set<uint64_t> macs;
    std::map<Uuid, uint64_t> used;
    for (const Lease& lease : disk.leases) {
      EXPECT_TRUE(ips.insert({lease.address.network_id, lease.address.ip.value}).second) << "seed " << seed;
      EXPECT_TRUE(macs.insert(lease.address.mac.value).second) << "seed " << seed;
      ++used[lease.address.network_id];
      const Holding* holding = world.state().holdings.find(lease.instance);
      ASSERT_NE(holding, nullptr) << "seed " << seed;
      EXPECT_EQ(holding->epoch, lease.epoch) << "seed " << seed;
    }
    EXPECT_EQ(world.state().macs.used(), disk.leases.size()) << "seed " << seed;
    NetworkList list = world.networks(admin());
    EXPECT_EQ(list.networks.size(), disk.networks.size()) << "seed " << seed;
    for (size_t i = 0; i < list.networks.size(); ++i)
      EXPECT_EQ(list.used[i], used[list.networks[i].id]) << "seed " << seed << " " << list.networks[i].name;
    for (uint64_t i = 0; i < 15; ++i) EXPECT_TRUE(world.release(placement(i, 100)));
    EXPECT_EQ(world.leases(), 0u);
    EXPECT_EQ(world.state().macs.used(), 0u);
    for (uint64_t count : world.networks(admin()).used) EXPECT_EQ(count, 0u);
  }
}

}  // namespace
}  // namespace kilonova::network
