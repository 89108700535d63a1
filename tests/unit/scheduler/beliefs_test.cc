// What a scheduler tells an audit: the hosts as it believes them to be, and its debits.
#include <gtest/gtest.h>

#include "domain/api.h"
#include "domain/beliefs.h"
#include "domain/nouns/host.h"
#include "tests/unit/scheduler/scheduler_fixture.h"

namespace kilonova::scheduler {
namespace {

ReadBeliefs request(BeliefKind kind, uint32_t limit = kBeliefsPerPage, std::string after = "") {
  return {.daemon = kSelf, .kind = kind, .after = std::move(after), .limit = limit};
}

BeliefPage read(SchedulerWorld& world, const ReadBeliefs& wanted) {
  auto page = world.core.beliefs(wanted);
  EXPECT_TRUE(page.has_value());
  return page.value_or(BeliefPage{});
}

TEST(SchedulerBeliefs, TellsWhatItHeardOfEachHost) {
  SchedulerWorld world;
  world.connect();
  world.host(1, "b");
  world.status({2, "a", "nova", compute(0), false, true});
  world.usage(0, {"b", 4, {8, 16384, 100}, {2, 1024, 2}, 2, {}});
  BeliefPage page = read(world, request(BeliefKind::kViews));
  ASSERT_EQ(page.views.size(), 2u);
  EXPECT_EQ(page.views[0].host, "a");
  EXPECT_FALSE(page.views[0].usage_heard);
  EXPECT_FALSE(page.views[0].enabled);
  EXPECT_EQ(page.views[1], (ViewBelief{"b", true, compute(0), true, true, true, 1, 4, {2, 1024, 2}, 2}));
  EXPECT_EQ(read(world, request(BeliefKind::kViews, 1)).next, "a");
  EXPECT_EQ(read(world, request(BeliefKind::kViews, 1, "a")).views[0].host, "b");
  EXPECT_EQ(read(world, request(BeliefKind::kViews, 1, "a")).next, "");
}

TEST(SchedulerBeliefs, TellsItsDebitsAndTheirAge) {
  SchedulerWorld world;
  world.connect();
  world.host(1, "h");
  world.deliver(world.cast({placement(2), placement(1)}));
  world.loop.run_until(world.loop.now() + seconds(7));
  BeliefPage page = read(world, request(BeliefKind::kDebits));
  ASSERT_EQ(page.debits.size(), 2u);
  EXPECT_EQ(page.debits[0], (DebitBelief{"h", uuid_of(1), 1, {1, 512, 1}, seconds(7)}));
  EXPECT_EQ(page.debits[1].instance, uuid_of(2));
  BeliefPage first = read(world, request(BeliefKind::kDebits, 1));
  EXPECT_EQ(first.next, to_string(uuid_of(1)));
  EXPECT_EQ(read(world, request(BeliefKind::kDebits, 1, first.next)).debits[0].instance, uuid_of(2));
  world.usage(0, {"h", 2, {8, 16384, 100}, {2, 1024, 2}, 2, {placement(1), placement(2)}});
  EXPECT_TRUE(read(world, request(BeliefKind::kDebits)).debits.empty());
}

TEST(SchedulerBeliefs, AnswersTheControllerAndRefusesWhatItDoesNotHold) {
  SchedulerWorld world;
  world.connect();
  world.transport.deliver(world.core, kController, ApiCall{{}, {}, request(BeliefKind::kViews)}, 3);
  world.transport.deliver(world.core, kController, ApiCall{{}, {}, request(BeliefKind::kGuests)}, 4);
  world.transport.deliver(world.core, kController, ApiCall{{}, {}, request(BeliefKind::kDebits, 5, "nonsense")}, 5);
  world.transport.deliver(world.core, kController, ApiCall{{}, {}, ListHosts{}}, 6);
  std::vector<ApiReply> replies = world.transport.take<ApiReply>();
  ASSERT_EQ(replies.size(), 4u);
  EXPECT_TRUE(replies[0].result.has_value());
  EXPECT_EQ(replies[1].result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(replies[2].result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(replies[3].result.error().code, ErrorCode::kUnimplemented);
}

}  // namespace
}  // namespace kilonova::scheduler
