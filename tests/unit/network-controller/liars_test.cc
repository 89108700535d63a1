// A compute process that lies: it acts for the placements that the controller gave it tickets for, and for nobody else.
#include <gtest/gtest.h>

#include "tests/unit/network-controller/network_fixture.h"

namespace kilonova::network {
namespace {

class LiarsTest : public ::testing::Test {
 protected:
  LiarsTest() : network(world.private_network()) { world.allocate(placement(1, 3), {network}); }

  // Tickets that are not one for this placement.
  static std::vector<uint64_t> wrong_tickets(const PlacementId& id) {
    return {0,
            1,
            UINT64_MAX,
            ticket_for({id.instance, id.epoch + 1}, kTicketKey),
            ticket_for({id.instance, id.epoch - 1}, kTicketKey),
            ticket_for({uuid_of(99), id.epoch}, kTicketKey),
            ticket_for(id, TicketKey{})};
  }
  void release(PlacementId id, uint64_t ticket, uint64_t kept_by = 0, PeerId from = kCompute) {
    world.send(from, ReleaseAddresses{id, {}, kept_by, ticket});
    world.settle();
  }

  NetworkWorld world;
  Uuid network;
};

TEST_F(LiarsTest, NobodysAddressesAreTakenWithoutATicket) {
  const NetworkState before = world.image.state();
  for (const PlacementId& id : {placement(1, 2), placement(1, 3), placement(1, 4), placement(1, UINT64_MAX),
                                placement(2, 1), placement(3, 0), PlacementId{}}) {
    for (uint64_t ticket : wrong_tickets(id)) {
      for (uint64_t shares_with : {uint64_t{0}, uint64_t{3}}) {
        AllocateAddresses request = NetworkWorld::request(id, {network});
        request.ticket = ticket;
        request.shares_with = shares_with;
        AllocateAddressesReply reply = world.allocate(request);
        EXPECT_EQ(reply.fault.code, ErrorCode::kPermissionDenied) << id.epoch << " " << ticket;
        EXPECT_TRUE(reply.addresses.empty());
      }
    }
  }
  EXPECT_EQ(world.image.state(), before);
}

TEST_F(LiarsTest, NobodysAddressesAreReleasedWithoutATicket) {
  const NetworkState before = world.image.state();
  for (const PlacementId& id : {placement(1, 3), placement(1, 4), placement(1, UINT64_MAX), placement(2, UINT64_MAX)})
    for (uint64_t ticket : wrong_tickets(id))
      for (uint64_t kept_by : {uint64_t{0}, uint64_t{3}, UINT64_MAX}) release(id, ticket, kept_by);
  EXPECT_EQ(world.image.state(), before) << "not even a fence";
  EXPECT_EQ(world.allocate(placement(2), {network}).addresses.size(), 1u);
  release(placement(1, 3), ticket_for(placement(1, 3), kTicketKey));
  EXPECT_EQ(world.leases(), 1u) << "its own are its to give back";
}

TEST_F(LiarsTest, ATicketIsOfOnePlacement) {
  // It had server 1 at epoch 3, which is elsewhere now.
  world.allocate(placement(1, 4), {network});
  AllocateAddresses old = NetworkWorld::request(placement(1, 3), {network});
  EXPECT_EQ(world.allocate(old).fault.code, ErrorCode::kConflict);
  release(placement(1, 3), ticket_for(placement(1, 3), kTicketKey));
  EXPECT_EQ(world.leases(), 1u);
}

TEST_F(LiarsTest, TheControllerNeedsNone) {
  release(placement(1, 4), 0, 0, kController);
  EXPECT_EQ(world.leases(), 0u);
}

TEST(Liars, NobodyIsBelievedBeforeTheKeyIsKnown) {
  NetworkWorld world;
  Uuid network = world.private_network();
  world.send(kController, AddressKey{TicketKey{}});
  AllocateAddresses request = NetworkWorld::request(placement(1), {network});
  request.ticket = ticket_for(placement(1), TicketKey{});
  EXPECT_EQ(world.allocate(request).fault.message, "no reply") << "who asks asks again";
  world.send(kController, AddressKey{kTicketKey});
  EXPECT_EQ(world.allocate(request).fault.code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(world.allocate(placement(1), {network}).addresses.size(), 1u);
}

TEST_F(LiarsTest, OnlyTheControllerTellsTheKey) {
  world.send(kCompute, AddressKey{TicketKey{1, 1}});
  EXPECT_EQ(world.allocate(placement(5), {network}).addresses.size(), 1u);
}

}  // namespace
}  // namespace kilonova::network
