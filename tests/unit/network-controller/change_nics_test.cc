// Interfaces that a server that is there gets and loses, as the controller says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "domain/api.h"
#include "domain/nouns/network_part.h"
#include "domain/nouns/server_interface.h"
#include "tests/unit/network-controller/network_fixture.h"

namespace kilonova::network {
namespace {

using ::testing::HasSubstr;

class ChangeNicsTest : public ::testing::Test {
 protected:
  ChangeNicsTest() {
    network = world.private_network();
    row = world.allocate(placement(1), {network}).addresses;
  }
  ChangeServerNics change() {
    ChangeServerNics wanted;
    wanted.change = uuid_of(++changes);
    wanted.placement = placement(1);
    wanted.project_id = uuid_of(1);
    wanted.hostname = "web";
    wanted.kept = row;
    return wanted;
  }
  // Nothing, and the refusal is noted, where it is refused.
  std::optional<std::vector<Address>> ask(ChangeServerNics wanted) {
    ApiReply answer = world.ask(admin(), std::move(wanted));
    refusal = answer.result ? Error{ErrorCode::kInternal, ""} : answer.result.error();
    if (!answer.result) return std::nullopt;
    std::vector<Address> addresses;
    for (const Lease& lease : get<LeaseList>(*answer.result).leases) addresses.push_back(lease.address);
    return addresses;
  }
  std::optional<std::vector<Address>> attach(const Uuid& to, std::string fixed_ip = "") {
    ChangeServerNics wanted = change();
    wanted.network = to;
    wanted.fixed_ip = std::move(fixed_ip);
    return ask(std::move(wanted));
  }
  std::optional<std::vector<Address>> attach_port(const Uuid& port) {
    ChangeServerNics wanted = change();
    wanted.port = port;
    return ask(std::move(wanted));
  }
  Port make_port(uint64_t number) {
    Port port;
    port.id = uuid_of(number);
    port.network_id = network;
    port.project_id = uuid_of(1);
    ApiReply answer = world.ask(admin(), StorePort{port, true});
    return answer.result ? get<NetworkParts>(*answer.result).ports.at(0) : Port{};
  }
  std::optional<Port> shown(const Uuid& id) {
    ApiReply answer = world.ask(admin(), ListNetworkParts{.kind = "port", .id = id});
    auto ports = get<NetworkParts>(*answer.result).ports;
    return ports.empty() ? std::nullopt : std::optional(ports[0]);
  }
  std::vector<Port> ports_of_server() {
    ApiReply answer = world.ask(admin(), ListNetworkParts{.kind = "port", .device_id = to_string(uuid_of(1))});
    return get<NetworkParts>(*answer.result).ports;
  }
  uint64_t used() {
    ApiReply answer = world.ask(admin(), ListNetworkParts{.kind = "network", .id = network});
    return get<NetworkParts>(*answer.result).used.at(0);
  }
  // The next audit's round.
  uint64_t audit() {
    world.transport.clear();
    world.loop.run_until(world.loop.now() + NetworkOptions{}.audit_interval);
    uint64_t round = 0;
    for (const auto& sent : world.transport.sent())
      if (holds_alternative<OwnershipQuery>(sent.message.body)) round = sent.message.call;
    return round;
  }
  // The controller's word of the row.
  void tell_row(const std::vector<Address>& addresses) {
    std::vector<Lease> leases;
    for (const Address& address : addresses) leases.push_back({uuid_of(1), 1, "web", address});
    world.send(kController, OwnershipAnswer{{}, std::move(leases)}, audit());
    world.settle();
  }

  NetworkWorld world;
  Uuid network;
  std::vector<Address> row;
  uint64_t changes = 1000;
  Error refusal{ErrorCode::kInternal, ""};
};

TEST_F(ChangeNicsTest, AnInterfaceMoreHasAPortThatGoesWithTheServer) {
  auto both = attach(network);
  ASSERT_TRUE(both) << refusal.message;
  ASSERT_EQ(both->size(), 2u);
  EXPECT_EQ(both->at(0), row[0]);
  EXPECT_EQ(both->at(1).nic, 1u);
  EXPECT_NE(both->at(1).ip, row[0].ip);
  ASSERT_EQ(ports_of_server().size(), 1u);
  EXPECT_TRUE(ports_of_server()[0].goes_with_device);
  EXPECT_EQ(world.leases(), 2u);
  world.restart();
  ASSERT_TRUE(world.started.has_value());
  row = *both;
  ChangeServerNics same = change();
  EXPECT_EQ(ask(same), both) << "it was stored";
  world.send(kController, ReleaseAddresses{.placement = placement(1, 2), .server_is_gone = true});
  world.settle();
  EXPECT_EQ(world.leases(), 0u);
  EXPECT_TRUE(ports_of_server().empty());
  EXPECT_EQ(used(), 0u);
}

TEST_F(ChangeNicsTest, TheRepetitionOfAChangeIsTheSame) {
  ChangeServerNics wanted = change();
  wanted.network = network;
  auto first = ask(wanted);
  EXPECT_EQ(ask(wanted), first);
  EXPECT_EQ(world.leases(), 2u);
}

TEST_F(ChangeNicsTest, WhatTheRowDoesNotNameGoes) {
  ASSERT_TRUE(attach(network));
  auto second = attach(network);  // the first of the two was never committed
  ASSERT_TRUE(second);
  EXPECT_EQ(second->size(), 2u);
  EXPECT_EQ(world.leases(), 2u);
  EXPECT_EQ(ports_of_server().size(), 1u);
  EXPECT_EQ(used(), 2u);
  auto none = change();
  none.kept.clear();
  auto left = ask(none);
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->empty());
  EXPECT_EQ(used(), 0u);
  row.clear();
  auto again = attach(network);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->at(0).nic, 0u);
}

TEST_F(ChangeNicsTest, AUsersPortIsBoundAndFreeAgain) {
  Port port = make_port(50);
  auto both = attach_port(port.id);
  ASSERT_TRUE(both) << refusal.message;
  EXPECT_EQ(both->at(1).mac, port.mac);
  EXPECT_EQ(shown(port.id)->device_id, to_string(uuid_of(1)));
  row = *both;
  EXPECT_FALSE(attach_port(port.id));
  EXPECT_EQ(refusal.code, ErrorCode::kConflict);
  EXPECT_EQ(refusal.message, "Port " + to_string(port.id) + " is still in use.");
  row.pop_back();
  ASSERT_TRUE(ask(change()));
  EXPECT_EQ(shown(port.id)->device_id, "");
  EXPECT_EQ(shown(port.id)->fixed_ips, port.fixed_ips);
  EXPECT_TRUE(attach_port(port.id)) << "also after a change that was lost";
  EXPECT_TRUE(attach_port(port.id));
}

TEST_F(ChangeNicsTest, WhatCannotBeAddedIsRefusedAndChangesNothing) {
  EXPECT_FALSE(attach(uuid_of(77)));
  EXPECT_EQ(refusal.code, ErrorCode::kNotFound);
  EXPECT_FALSE(attach_port(uuid_of(77)));
  EXPECT_EQ(refusal.message, "Port id " + to_string(uuid_of(77)) + " could not be found.");
  EXPECT_FALSE(attach(network, to_string(row[0].ip)));
  EXPECT_THAT(refusal.message, HasSubstr("IpAddressAlreadyAllocated"));
  EXPECT_FALSE(attach(network, "192.168.0.1"));
  EXPECT_THAT(refusal.message, HasSubstr("InvalidIpForNetwork"));
  auto chosen = attach(network, "10.9.8.7");
  ASSERT_TRUE(chosen);
  EXPECT_EQ(to_string(chosen->at(1).ip), "10.9.8.7");
  EXPECT_EQ(used(), 2u);
}

TEST_F(ChangeNicsTest, APlacementThatIsOverChangesNothing) {
  world.send(kController, ReleaseAddresses{.placement = placement(1, 2), .server_is_gone = true});
  world.settle();
  EXPECT_FALSE(attach(network));
  EXPECT_EQ(refusal.code, ErrorCode::kConflict);
  EXPECT_THAT(refusal.message, HasSubstr("stale"));
  EXPECT_EQ(used(), 0u);
}

TEST_F(ChangeNicsTest, AnInterfaceThatIsNotHeldIsLearntFirst) {
  world.transport.take<OwnershipQuery>();
  row[0].mac = Mac{row[0].mac.value + 7};
  EXPECT_FALSE(attach(network));
  EXPECT_EQ(refusal.code, ErrorCode::kUnavailable);
  EXPECT_EQ(world.transport.take<OwnershipQuery>().size(), 1u);
}

TEST_F(ChangeNicsTest, AnAuditTakesAwayWhatNoRowHas) {
  Port port = make_port(50);
  auto both = attach(network);
  ASSERT_TRUE(both);
  ASSERT_TRUE(attach_port(port.id)) << "what was made for the first attempt goes";
  tell_row(row);
  EXPECT_EQ(world.leases(), 1u);
  EXPECT_EQ(shown(port.id)->device_id, "");
  EXPECT_TRUE(ports_of_server().empty());
  EXPECT_EQ(used(), 2u);  // the port has its own
}

TEST_F(ChangeNicsTest, AnOlderWordTakesNothingAway) {
  ChangeServerNics wanted = change();
  wanted.network = network;
  const uint64_t round = audit();
  world.send(kController, ApiCall{admin(), {}, wanted}, 9);
  world.send(kController, OwnershipAnswer{{placement(1)}, {{uuid_of(1), 1, "web", row[0]}}},
             round);  // before it is committed
  world.settle();
  EXPECT_EQ(world.leases(), 2u);
}

TEST_F(ChangeNicsTest, ItsFirstAddressGivesItsPlaceToAnotherBeforeItGoes) {
  auto both = attach(network);
  ASSERT_TRUE(both);
  row = *both;
  Port port = ports_of_server().at(0);
  const std::string first = to_string(row[1].ip);
  port.fixed_ips.push_back({port.fixed_ips[0].subnet_id, ""});
  ASSERT_TRUE(world.ask(admin(), StorePort{port}).result.has_value());
  const std::string second = ports_of_server().at(0).fixed_ips.at(1).ip;

  ChangeServerNics turn = change();
  turn.kept[1].ip = Ipv4{};
  auto turned = ask(turn);
  ASSERT_TRUE(turned) << refusal.message;
  EXPECT_EQ(to_string(turned->at(1).ip), second);
  EXPECT_EQ(used(), 3u) << "both are held";
  row = *turned;
  ChangeServerNics drop = change();
  drop.fixed_ip = first;
  ASSERT_TRUE(ask(drop)) << refusal.message;
  EXPECT_EQ(ports_of_server().at(0).fixed_ips.size(), 1u);
  EXPECT_EQ(used(), 2u);
  turn = change();
  turn.kept[1].ip = Ipv4{};
  EXPECT_FALSE(ask(turn));
  EXPECT_THAT(refusal.message, HasSubstr("is the only address of its interface"));
  drop = change();
  drop.fixed_ip = first;
  EXPECT_FALSE(ask(drop));
  EXPECT_THAT(refusal.message, HasSubstr("does not have fixed IP"));
}

TEST_F(ChangeNicsTest, WhatTheStoreRefusesIsAsBefore) {
  world.disk.fail_from_now_on({ErrorCode::kUnavailable, "full"});
  EXPECT_FALSE(attach(network));
  EXPECT_EQ(refusal.code, ErrorCode::kUnavailable);
  EXPECT_EQ(used(), 1u);
}

}  // namespace
}  // namespace kilonova::network
