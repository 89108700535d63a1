#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::testing {
namespace {

TEST(Audit, AsksForSettledGuestsOnlyAndDestroysOrphans) {
  ComputeWorld world("", 2, {.audit_interval = seconds(100)});
  world.connect_all();
  world.launch(1, 1);
  world.launch(2, 4, "c1");
  world.cast(3, 1);
  world.answer_allocations();  // its report stays unanswered
  world.cast(4, 1);            // waits for its addresses
  world.run(seconds(100));
  auto queries = world.transport->all_to<OwnershipQuery>(kController);
  ASSERT_EQ(queries.size(), 1U);
  EXPECT_EQ(queries[0].held, (std::vector<PlacementId>{{uuid_of(1), 1}, {uuid_of(2), 4}}));
  EXPECT_EQ(queries[0].digests, std::vector<uint64_t>(2, static_cast<uint64_t>(PowerState::kRunning)));

  world.deliver(kController, OwnershipAnswer{{{uuid_of(2), 4}, {uuid_of(1), 9}, {uuid_of(8), 1}}});
  EXPECT_TRUE(world.released(2, 4));
  auto guests = world.core->guests();
  ASSERT_EQ(guests.size(), 2U);  // 1 and 3; 4 timed out
  EXPECT_EQ(guests[0].placement.instance, uuid_of(1));
  EXPECT_EQ(world.core->usage("c1")->instances, 0U);
}

TEST(Audit, ManyGuestsAreAskedForInParts) {
  ComputeWorld world("", 1, {.audit_interval = seconds(100)});
  for (uint64_t i = 0; i < 2500; ++i) {
    world.journal.records[{"c0", uuid_of(i)}] = {.host = "c0", .placement = {uuid_of(i), 1}, .built = true};
  }
  world.boot();
  world.connect_all();
  world.run(seconds(100));
  auto queries = world.transport->all_to<OwnershipQuery>(kController);
  ASSERT_EQ(queries.size(), 2U);
  EXPECT_EQ(queries[0].held.size(), 2000U);
  EXPECT_EQ(queries[1].held.size(), 500U);
}

}  // namespace
}  // namespace kilonova::testing
