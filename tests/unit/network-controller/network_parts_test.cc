// Networks, subnets and ports as Neutron's API changes them, and servers bound to ports.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/api.h"
#include "domain/ip_address.h"
#include "domain/nouns/network_part.h"
#include "tests/unit/network-controller/network_fixture.h"

namespace kilonova::network {
namespace {

using ::testing::StartsWith;

struct NetworkPartsTest : ::testing::Test {
  NetworkParts ask(ApiRequest request) {
    ApiReply answer = world.ask(admin(), std::move(request));
    refusal = answer.result ? "" : answer.result.error().message;
    if (!answer.result) return {};
    const auto* parts = get_if<NetworkParts>(&*answer.result);
    return parts == nullptr ? NetworkParts{} : *parts;
  }
  Network network(uint64_t number) {
    Network row;
    row.id = uuid_of(number);
    row.project_id = uuid_of(1);
    return ask(StoreNetwork{row, "{}", 0}).networks.at(0);
  }
  Subnet subnet(uint64_t number, const Uuid& network_id, std::string cidr, std::vector<AddressRange> pools = {}) {
    Subnet row;
    row.id = uuid_of(number);
    row.network_id = network_id;
    row.cidr = std::move(cidr);
    row.pools = std::move(pools);
    NetworkParts parts = ask(StoreSubnet{row});
    return parts.subnets.empty() ? Subnet{} : parts.subnets[0];
  }
  Port port(uint64_t number, const Uuid& network_id, std::vector<FixedIp> fixed_ips = {}) {
    Port row;
    row.id = uuid_of(number);
    row.network_id = network_id;
    row.project_id = uuid_of(1);
    bool draws = fixed_ips.empty();
    row.fixed_ips = std::move(fixed_ips);
    NetworkParts parts = ask(StorePort{row, draws});
    return parts.ports.empty() ? Port{} : parts.ports[0];
  }
  Port shown(uint64_t number) {
    NetworkParts parts = ask(ListNetworkParts{.kind = "port", .id = uuid_of(number)});
    return parts.ports.empty() ? Port{} : parts.ports[0];
  }
  std::string remove(std::string kind, uint64_t number) {
    ask(DeleteNetworkPart{std::move(kind), uuid_of(number)});
    return refusal;
  }
  NetworkWorld world;
  std::string refusal;
};

std::string ips_of(const Port& port) {
  std::string all;
  for (const FixedIp& fixed : port.fixed_ips) all += fixed.ip + " ";
  return all;
}

TEST_F(NetworkPartsTest, ANetworkMayHaveNoSubnetAndSeveral) {
  Network made = network(100);
  EXPECT_EQ(made.cidr.prefix, 0);
  EXPECT_EQ(ips_of(port(200, made.id)), "");
  subnet(300, made.id, "10.9.0.0/28", {{"10.9.0.4", "10.9.0.5"}});
  EXPECT_EQ(to_string(world.networks(admin(), to_string(made.id)).networks.at(0).cidr), "10.9.0.0/28");
  subnet(301, made.id, "fd00::/64", {{"fd00::10", "fd00::ff"}});
  EXPECT_EQ(ips_of(port(201, made.id)), "10.9.0.4 fd00::10 ");
  subnet(302, made.id, "10.9.0.8/29");
  EXPECT_THAT(refusal, StartsWith("InvalidInput: "));
  NetworkParts listed = ask(ListNetworkParts{.kind = "subnet", .network_id = made.id});
  EXPECT_EQ(listed.subnets.size(), 2u);
  EXPECT_EQ(listed.used, (std::vector<uint64_t>{1, 1}));
}

TEST_F(NetworkPartsTest, NoAddressIsGivenTwiceAndAllAreFreedAgain) {
  Uuid id = network(100).id;
  subnet(300, id, "10.9.0.0/28", {{"10.9.0.4", "10.9.0.5"}});
  EXPECT_EQ(ips_of(port(200, id, {{{}, "10.9.0.9"}})), "10.9.0.9 ");
  port(201, id, {{{}, "10.9.0.9"}});
  EXPECT_THAT(refusal, StartsWith("IpAddressAlreadyAllocated: "));
  port(201, id, {{{}, "10.8.0.9"}});
  EXPECT_THAT(refusal, StartsWith("InvalidIpForNetwork: "));
  port(201, id);
  port(202, id);
  port(203, id);
  EXPECT_THAT(refusal, StartsWith("IpAddressGenerationFailure: "));
  EXPECT_EQ(world.allocate(placement(1), {id}).fault.code, ErrorCode::kResourceExhausted);
  EXPECT_THAT(remove("subnet", 300), StartsWith("SubnetInUse: "));
  EXPECT_THAT(remove("network", 100), StartsWith("NetworkInUse: "));
  for (uint64_t number : {200, 201, 202}) EXPECT_EQ(remove("port", number), "");
  EXPECT_THAT(remove("port", 200), StartsWith("PortNotFound: "));
  EXPECT_EQ(remove("network", 100), "");
  EXPECT_EQ(world.image.state().subnets.size(), 2u) << "those of the first networks";
  EXPECT_EQ(world.state().macs.used(), 0u);
}

TEST_F(NetworkPartsTest, AutomaticAddressesFollowFromTheMac) {
  Uuid id = network(100).id;
  Port before = port(200, id);
  Subnet row;
  row.id = uuid_of(300);
  row.network_id = id;
  row.cidr = "fd00::/64";
  row.automatic = true;
  ask(StoreSubnet{row});
  std::string expected = to_string(eui64(*parse_ip_network("fd00::/64"), before.mac)) + " ";
  EXPECT_EQ(ips_of(shown(200)), expected);
  EXPECT_EQ(to_string(before.mac), "fa:16:3e:00:00:01");
  EXPECT_EQ(expected, "fd00::f816:3eff:fe00:1 ");
  world.restart();
  EXPECT_EQ(ips_of(shown(200)), expected);
  EXPECT_EQ(remove("subnet", 300), "") << "automatic addresses do not keep it";
  EXPECT_EQ(ips_of(shown(200)), "");
}

TEST_F(NetworkPartsTest, WhoKnewAnOlderOneIsRefused) {
  Uuid id = network(100).id;
  Port first = port(200, id);
  Port changed = first;
  changed.details = "{\"name\":\"a\"}";
  ask(StorePort{changed, false});
  EXPECT_EQ(refusal, "");
  ask(StorePort{changed, false});
  EXPECT_THAT(refusal, StartsWith("RevisionNumberConstraintFailed: "));
  EXPECT_EQ(shown(200).revision, 2u);
}

TEST_F(NetworkPartsTest, WhatTheStoreRefusesChangesNothing) {
  Uuid id = network(100).id;
  subnet(300, id, "10.9.0.0/28", {{"10.9.0.4", "10.9.0.5"}});
  Port kept = port(200, id);
  NetworkState before = world.image.state();
  world.disk.fail_from_now_on({ErrorCode::kUnavailable, "disk full"});
  port(201, id);
  EXPECT_NE(refusal, "");
  EXPECT_NE(remove("port", 200), "");
  EXPECT_NE(remove("subnet", 300), "");
  world.disk.recover();
  EXPECT_EQ(world.image.state(), before);
  EXPECT_EQ(shown(200), kept);
  EXPECT_EQ(ips_of(port(201, id)), "10.9.0.5 ") << "what was reserved is free again";
}

TEST_F(NetworkPartsTest, AServerIsBoundToAUsersPortAndLeavesItBehind) {
  Uuid id = network(100).id;
  subnet(300, id, "10.9.0.0/28", {{"10.9.0.4", "10.9.0.5"}});
  Port own = port(200, id);
  AllocateAddressesReply reply = world.allocate(placement(1), {own.id});
  ASSERT_EQ(reply.addresses.size(), 1u);
  EXPECT_EQ(to_string(reply.addresses[0].ip), "10.9.0.4");
  EXPECT_EQ(reply.addresses[0].mac, own.mac);
  EXPECT_EQ(reply.addresses[0].network_id, id);
  EXPECT_EQ(shown(200).device_id, to_string(uuid_of(1)));
  EXPECT_EQ(world.allocate(placement(2), {own.id}).fault.code, ErrorCode::kConflict) << "it is in use";
  EXPECT_EQ(world.allocate(placement(3), {own.id}, 2).fault.code, ErrorCode::kNotFound) << "it is another project's";
  EXPECT_THAT(remove("port", 200), StartsWith("PortInUse: "));
  world.restart();
  // A higher epoch has it again, with the same address.
  EXPECT_EQ(world.allocate(placement(1, 2), {own.id}).addresses, world.allocate(placement(1, 2), {own.id}).addresses);
  EXPECT_EQ(to_string(world.allocate(placement(1, 2), {own.id}).addresses.at(0).ip), "10.9.0.4");
  // What an older epoch releases is not its own any more.
  EXPECT_TRUE(world.release(placement(1, 1)));
  EXPECT_EQ(shown(200).device_id, to_string(uuid_of(1)));
  EXPECT_TRUE(world.release(placement(1, 2)));
  EXPECT_EQ(shown(200).device_id, "");
  EXPECT_EQ(ips_of(shown(200)), "10.9.0.4 ");
  EXPECT_EQ(remove("port", 200), "");
}

TEST_F(NetworkPartsTest, ANicWithMoreThanOneAddressHasAPortThatGoesWithItsServer) {
  Uuid id = network(100).id;
  subnet(300, id, "10.9.0.0/28", {{"10.9.0.4", "10.9.0.5"}});
  subnet(301, id, "fd00::/64", {{"fd00::10", "fd00::ff"}});
  AllocateAddressesReply reply = world.allocate(placement(1), {id});
  EXPECT_EQ(to_string(reply.addresses.at(0).ip), "10.9.0.4");
  NetworkParts parts = ask(ListNetworkParts{.kind = "port", .device_id = to_string(uuid_of(1))});
  ASSERT_EQ(parts.ports.size(), 1u);
  EXPECT_EQ(ips_of(parts.ports[0]), "10.9.0.4 fd00::10 ");
  EXPECT_TRUE(world.release(placement(1)));
  EXPECT_EQ(world.image.state().ports.size(), 0u);
  EXPECT_EQ(world.state().macs.used(), 0u);
}

TEST_F(NetworkPartsTest, WhatALaunchAskedForOutlastsATryAndGoesWithTheServer) {
  Uuid id = network(100).id;
  subnet(300, id, "10.9.0.0/28", {{"10.9.0.4", "10.9.0.5"}});
  Port row;
  row.id = uuid_of(200);
  row.network_id = id;
  row.project_id = uuid_of(1);
  row.fixed_ips = {{{}, "10.9.0.9"}};
  row.goes_with_device = row.is_asked_for = true;
  ask(StorePort{row, false});
  EXPECT_EQ(to_string(world.allocate(placement(1), {row.id}).addresses.at(0).ip), "10.9.0.9");
  EXPECT_TRUE(world.release(placement(1), kCompute));
  EXPECT_EQ(shown(200).device_id, to_string(uuid_of(1)));
  EXPECT_EQ(to_string(world.allocate(placement(1, 2), {row.id}).addresses.at(0).ip), "10.9.0.9");
  // The controller gives up a try too; a delete says so.
  EXPECT_TRUE(world.release(placement(1, 2), kController));
  EXPECT_EQ(shown(200).device_id, to_string(uuid_of(1)));
  ReleaseAddresses deleted{placement(1, 3)};
  deleted.server_is_gone = true;
  world.send(kController, deleted);
  world.settle();
  EXPECT_EQ(world.image.state().ports.size(), 0u);
  EXPECT_EQ(world.state().macs.used(), 0u);
}

TEST_F(NetworkPartsTest, ABareNicGetsItsPortWithItsFirstChange) {
  Uuid id = network(100).id;
  subnet(300, id, "10.9.0.0/28", {{"10.9.0.4", "10.9.0.5"}});
  Address address = world.allocate(placement(1), {id}).addresses.at(0);
  Port row;
  row.id = uuid_of(200);
  row.network_id = id;
  row.mac = address.mac;
  row.device_id = to_string(uuid_of(1));
  row.fixed_ips = {{uuid_of(300), to_string(address.ip)}};
  row.details = "{\"name\":\"web\"}";
  ask(StorePort{row, false});
  EXPECT_EQ(refusal, "");
  EXPECT_TRUE(shown(200).goes_with_device);
  world.restart();
  ASSERT_TRUE(world.started.has_value()) << world.started.error().message;
  EXPECT_EQ(world.allocate(placement(1), {id}).addresses.at(0).ip, address.ip);
  EXPECT_THAT(remove("port", 200), StartsWith("PortInUse: "));
  EXPECT_TRUE(world.release(placement(1)));
  EXPECT_EQ(shown(200).id, Uuid{});
  EXPECT_EQ(world.state().macs.used(), 0u);
}

}  // namespace
}  // namespace kilonova::network
