// What the network-controller tells an audit: every address that is held, by whom and of which epoch.
#include "domain/beliefs.h"

#include <gtest/gtest.h>

#include "domain/api.h"
#include "tests/unit/network-controller/network_fixture.h"

namespace kilonova::network {
namespace {

ReadBeliefs request(uint32_t limit = kBeliefsPerPage, std::string after = "") {
  return {.daemon = kSelf, .kind = BeliefKind::kLeases, .after = std::move(after), .limit = limit};
}

TEST(NetworkBeliefs, TellsEveryAddressThatIsHeld) {
  NetworkWorld world;
  Uuid network = world.private_network();
  std::vector<Address> held = world.allocate(placement(1, 4), {network, network}).addresses;
  world.allocate(placement(2), {network});
  ASSERT_EQ(held.size(), 2u);
  ApiReply answer = world.ask(admin(), request());
  ASSERT_TRUE(answer.result.has_value());
  const auto& leases = get<BeliefPage>(*answer.result).leases;
  ASSERT_EQ(leases.size(), 3u);
  for (uint32_t nic = 0; nic < 2; ++nic)
    EXPECT_EQ(leases[nic], (LeaseBelief{uuid_of(1), 4, {nic, network, held[nic].ip, held[nic].mac}}));
  EXPECT_EQ(leases[2].instance, uuid_of(2));
  world.release(placement(1, 4));
  EXPECT_EQ(world.core->beliefs(request())->leases.size(), 1u);
}

TEST(NetworkBeliefs, APageHasWholeServersAndSaysWhereTheNextBegins) {
  NetworkWorld world;
  Uuid network = world.private_network();
  for (uint64_t server = 1; server <= 3; ++server) world.allocate(placement(server), {network, network});
  BeliefPage first = *world.core->beliefs(request(3));
  EXPECT_EQ(first.leases.size(), 2u);
  EXPECT_EQ(first.next, to_string(uuid_of(1)));
  BeliefPage second = *world.core->beliefs(request(4, first.next));
  EXPECT_EQ(second.leases.size(), 4u);
  EXPECT_EQ(second.next, "");
  EXPECT_EQ(world.core->beliefs(request(1))->leases.size(), 2u) << "a server with more nics than fit";
}

TEST(NetworkBeliefs, OnlyAdministratorsAndOnlyLeases) {
  NetworkWorld world;
  EXPECT_EQ(world.ask(member(1), request()).result.error().code, ErrorCode::kPermissionDenied);
  ReadBeliefs views = request();
  views.kind = BeliefKind::kViews;
  EXPECT_EQ(world.ask(admin(), views).result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(world.ask(admin(), request(5, "nonsense")).result.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace kilonova::network
