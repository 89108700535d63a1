// What a compute process tells an audit: its journal, what it remembers, its hosts' usage; page by page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/api.h"
#include "domain/beliefs.h"
#include "domain/nouns/service.h"
#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::testing {
namespace {

ReadBeliefs request(BeliefKind kind, uint32_t limit = kBeliefsPerPage, std::string after = "") {
  return {.daemon = kSelf, .kind = kind, .after = std::move(after), .limit = limit};
}

BeliefPage read(ComputeWorld& world, const ReadBeliefs& wanted) {
  auto page = world.core->beliefs(wanted);
  EXPECT_TRUE(page.has_value()) << (page ? "" : page.error().message);
  return page.value_or(BeliefPage{});
}

TEST(ComputeBeliefs, TellsGuestsClaimsAndUsageOfALaunchedServer) {
  ComputeWorld world;
  world.connect_all();
  world.launch(1, 3, "c1");
  BeliefPage guests = read(world, request(BeliefKind::kGuests));
  Resources tiny{1, 512, 1};
  ASSERT_EQ(guests.guests.size(), 1u);
  EXPECT_EQ(guests.guests[0], (GuestBelief{"c1", uuid_of(1), 3, tiny, PowerState::kRunning, true}));
  BeliefPage claims = read(world, request(BeliefKind::kClaims));
  ASSERT_EQ(claims.claims.size(), 1u);
  EXPECT_EQ(claims.claims[0], (ClaimBelief{"c1", uuid_of(1), 3, true, tiny, PowerState::kRunning, true, false}));
  BeliefPage usages = read(world, request(BeliefKind::kUsages));
  ASSERT_EQ(usages.usages.size(), 2u);
  EXPECT_EQ(usages.usages[0].instances, 0u);
  EXPECT_EQ(usages.usages[1].used, tiny);
  EXPECT_EQ(usages.usages[1].incarnation, world.transport->incarnation());
  EXPECT_GT(usages.usages[1].version, usages.usages[0].version);
}

TEST(ComputeBeliefs, ABuildAndAnUnconfirmedReleaseAreWork) {
  ComputeWorld world(kSlowTiming);
  world.connect_all();
  world.cast(1, 1);
  BeliefPage page = read(world, request(BeliefKind::kClaims));
  ASSERT_EQ(page.claims.size(), 1u);
  EXPECT_TRUE(page.claims[0].working);
  EXPECT_FALSE(page.claims[0].held);
  world.run(milliseconds(150));
  world.answer_allocations({ErrorCode::kResourceExhausted, "no address is left"});  // the build fails and is undone
  world.run(seconds(2));
  page = read(world, request(BeliefKind::kClaims));
  ASSERT_FALSE(page.claims.empty());
  EXPECT_EQ(page.claims.back().host, "");
  EXPECT_EQ(page.claims.back().instance, uuid_of(1));
  EXPECT_TRUE(page.claims.back().working);
}

TEST(ComputeBeliefs, PagesGoOnWhereTheyEnded) {
  ComputeWorld world("", 3);
  world.connect_all();
  for (uint64_t server = 1; server <= 7; ++server) world.launch(server, 1, "c" + std::to_string(server % 3));
  for (BeliefKind kind : {BeliefKind::kGuests, BeliefKind::kClaims, BeliefKind::kUsages}) {
    SCOPED_TRACE(to_string(kind));
    BeliefPage whole = read(world, request(kind));
    EXPECT_EQ(whole.next, "");
    BeliefPage parts;
    std::string after;
    int pages = 0;
    do {
      BeliefPage part = read(world, request(kind, 2, after));
      EXPECT_LE(part.guests.size() + part.claims.size() + part.usages.size(), 2u);
      parts.guests.insert(parts.guests.end(), part.guests.begin(), part.guests.end());
      parts.claims.insert(parts.claims.end(), part.claims.begin(), part.claims.end());
      parts.usages.insert(parts.usages.end(), part.usages.begin(), part.usages.end());
      after = part.next;
    } while (!after.empty() && ++pages < 10);
    EXPECT_EQ(parts, whole);
  }
}

TEST(ComputeBeliefs, RefusesWhatItDoesNotHoldAndPositionsThatAreNone) {
  ComputeWorld world;
  EXPECT_EQ(world.core->beliefs(request(BeliefKind::kLeases)).error().code, ErrorCode::kInvalidArgument);
  for (BeliefKind kind : {BeliefKind::kGuests, BeliefKind::kClaims, BeliefKind::kUsages}) {
    auto refused = world.core->beliefs(request(kind, 5, "nonsense"));
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().message, ::testing::HasSubstr("'nonsense' is not what a page of"));
  }
  EXPECT_FALSE(world.core->beliefs(request(BeliefKind::kGuests, 0)).has_value());
  EXPECT_FALSE(world.core->beliefs(request(BeliefKind::kGuests, kBeliefsPerPage + 1)).has_value());
}

TEST(ComputeBeliefs, AnswersTheControllerAndNobodyElse) {
  ComputeWorld world;
  world.connect_all();
  world.clear();
  world.deliver(kScheduler, ApiCall{{}, {}, request(BeliefKind::kUsages)}, 5);
  EXPECT_TRUE(world.transport->take<ApiReply>().empty());
  world.deliver(kController, ApiCall{{}, {}, request(BeliefKind::kUsages)}, 6);
  world.deliver(kController, ApiCall{{}, {}, GetCloudStatus{}}, 7);
  std::vector<ApiReply> replies = world.transport->take<ApiReply>();
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_TRUE(holds_alternative<BeliefPage>(*replies[0].result));
  EXPECT_EQ(replies[1].result.error().code, ErrorCode::kUnimplemented);
}

}  // namespace
}  // namespace kilonova::testing
