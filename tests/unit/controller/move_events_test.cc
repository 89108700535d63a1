// The events of moves, as Nova's conductor and computes record them (nova/compute/utils.py wrap_instance_event).
#include <gmock/gmock.h>

#include "tests/unit/controller/moves_fixture.h"

namespace kilonova::controller {
namespace {

using ::testing::ElementsAre;

using MoveEventsTest = MovesTest;

TEST_F(MoveEventsTest, OfAResizeAreOnItsHosts) {
  Instance server = active();
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  EXPECT_THAT(last_events(server),
              ElementsAre("conductor_migrate_server controller under way", "cold_migrate controller under way"));
  target_built(server);
  EXPECT_THAT(last_events(server),
              ElementsAre("conductor_migrate_server controller Success", "cold_migrate controller Success",
                          "compute_prep_resize h2 Success", "compute_resize_instance h1 under way"));
  done(told(), PowerState::kShutdown);
  EXPECT_EQ(last_events(server).back(), "compute_finish_resize h2 under way");
  done(told(), PowerState::kRunning);
  EXPECT_THAT(last_events(server),
              ElementsAre("conductor_migrate_server controller Success", "cold_migrate controller Success",
                          "compute_prep_resize h2 Success", "compute_resize_instance h1 Success",
                          "compute_finish_resize h2 Success"));
  EXPECT_NE(last_action(server).finished_at, WallTime{});
}

TEST_F(MoveEventsTest, OfItsEndAreOnTheHostThatItLeft) {
  Instance server = active();
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  arrive(server);
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kConfirmResize}).has_value());
  EXPECT_THAT(last_events(server), ElementsAre("compute_confirm_resize h1 under way"));
  forgotten();
  EXPECT_THAT(last_events(server), ElementsAre("compute_confirm_resize h1 Success"));
}

TEST_F(MoveEventsTest, OfARevertAreOnBoth) {
  Instance server = active();
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  arrive(server);
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kRevertResize}).has_value());
  EXPECT_THAT(last_events(server), ElementsAre("compute_revert_resize h2 under way"));
  forgotten();
  done(told(), PowerState::kRunning);
  EXPECT_THAT(last_events(server),
              ElementsAre("compute_revert_resize h2 Success", "compute_finish_revert_resize h1 Success"));
}

TEST_F(MoveEventsTest, AreThoseOfEachHostThatWasTried) {
  Instance server = active();
  ASSERT_TRUE(call(MigrateServer{"web", ""}).has_value());
  deliver(about_target(server, BuildResult::kRescheduled, "h2"));
  EXPECT_THAT(last_events(server),
              ElementsAre("conductor_migrate_server controller Success", "cold_migrate controller Success",
                          "compute_prep_resize h2 Success", "conductor_migrate_server controller under way",
                          "cold_migrate controller under way"));
  target_built(server, "h3");
  done(told(), PowerState::kShutdown, "no room for its disk");
  const auto events = last_events(server);
  ASSERT_EQ(events.size(), 7u);
  EXPECT_EQ(events[5], "compute_prep_resize h3 Success");
  EXPECT_EQ(events[6], "compute_resize_instance h1 Error");
  EXPECT_TRUE(last_action(server).failed);
}

TEST_F(MoveEventsTest, EndInTheConductorWithoutAHost) {
  Instance server = active();
  ASSERT_TRUE(call(MigrateServer{"web", ""}).has_value());
  deliver(NoValidHost{{{server.uuid, 2}}, "No valid host was found.", {}, {}}, kScheduler);
  EXPECT_THAT(last_events(server),
              ElementsAre("conductor_migrate_server controller Error", "cold_migrate controller Error"));
}

TEST_F(MoveEventsTest, OfALiveMigration) {
  Instance server = active();
  ASSERT_TRUE(call(LiveMigrateServer{"web", ""}).has_value());
  target_built(server);
  EXPECT_THAT(last_events(server),
              ElementsAre("conductor_live_migrate_instance controller Success",
                          "compute_check_can_live_migrate_destination h2 Success",
                          "compute_check_can_live_migrate_source h1 Success", "compute_live_migration h1 under way",
                          "compute_pre_live_migration h2 Success"));
  done(told(), PowerState::kShutdown);
  done(told(), PowerState::kRunning);
  EXPECT_EQ(last_events(server).at(3), "compute_live_migration h1 Success");
  EXPECT_EQ(last_events(server).at(5), "compute_post_live_migration_at_destination h2 Success");
}

}  // namespace
}  // namespace kilonova::controller
