#include "domain/server_actions.h"
#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::testing {
namespace {

ApplyServerAction action(ServerActionKind what, uint64_t operation, uint64_t epoch = 1) {
  ApplyServerAction request;
  request.host = "c0";
  request.placement = {uuid_of(1), epoch};
  request.operation = operation;
  request.action = what;
  return request;
}

std::vector<ServerActionDone> done(const ComputeWorld& world) {
  return world.transport->all_to<ServerActionDone>(kController);
}

PowerState journaled(const ComputeWorld& world) { return world.journal.records.begin()->second.power_state; }

TEST(PowerAction, StopsStartsAndRebootsInTheirTime) {
  ComputeWorld world(kSlowTiming);
  world.connect_all();
  world.launch(1, 1);
  struct Case {
    ServerActionKind action;
    Duration takes;
    PowerState state;
  };
  uint64_t operation = 0;
  for (const Case& c : std::initializer_list<Case>{{ServerActionKind::kStop, milliseconds(800), PowerState::kShutdown},
                                                   {ServerActionKind::kStop, milliseconds(0), PowerState::kShutdown},
                                                   {ServerActionKind::kReboot, milliseconds(900), PowerState::kRunning},
                                                   {ServerActionKind::kRebootHard, milliseconds(1700), PowerState::kRunning},
                                                   {ServerActionKind::kStart, milliseconds(0), PowerState::kRunning},
                                                   {ServerActionKind::kReboot, milliseconds(1700), PowerState::kRunning},
                                                   {ServerActionKind::kStop, milliseconds(800), PowerState::kShutdown},
                                                   {ServerActionKind::kStart, milliseconds(900), PowerState::kRunning}}) {
    SCOPED_TRACE(++operation);
    world.clear();
    world.deliver(kController, action(c.action, operation));
    if (c.takes.us > 0) {
      world.run(c.takes - microseconds(1));
      EXPECT_TRUE(done(world).empty());
      world.run(microseconds(1));
    }
    ASSERT_EQ(done(world).size(), 1U);
    EXPECT_EQ(done(world)[0].operation, operation);
    EXPECT_EQ(done(world)[0].power_state, c.state);
    EXPECT_EQ(done(world)[0].fault.message, "");
    EXPECT_EQ(journaled(world), c.state);
  }
  world.expect_quiet(1);
}

TEST(ServerAction, NewDisksAreMadeOfTheImageOnce) {
  ComputeWorld world("reimage = 100ms\nimage_setup = 1s");
  world.connect_all();
  world.launch(1, 1);
  world.clear();
  uint64_t operation = 0;
  for (Duration takes : {milliseconds(1100), milliseconds(100)}) {
    ApplyServerAction rebuild = action(ServerActionKind::kRebuildDisks, ++operation);
    rebuild.image = {.id = uuid_of(78), .name = "other", .size_bytes = 1 << 20};
    world.deliver(kController, rebuild);
    world.run(takes - microseconds(1));
    EXPECT_TRUE(done(world).empty()) << "the host " << (operation == 1 ? "downloads it" : "has it by now");
    world.run(microseconds(1));
    ASSERT_EQ(done(world).size(), 1U);
    EXPECT_EQ(done(world)[0].power_state, PowerState::kRunning) << "it leaves the guest's power alone";
    world.clear();
  }
  world.expect_quiet(1);
}

TEST(ServerAction, AnUploadTakesAsLongAsItsImageIsLarge) {
  ComputeWorld world("upload = 100ms\nimage_bandwidth = 1");
  world.connect_all();
  world.launch(1, 1);
  world.clear();
  ApplyServerAction upload = action(ServerActionKind::kUpload, 1);
  upload.image = {.id = uuid_of(78), .name = "other", .size_bytes = 2 << 20};
  world.deliver(kController, upload);
  world.run(milliseconds(2099));
  EXPECT_TRUE(done(world).empty());
  world.run(milliseconds(1));
  EXPECT_EQ(done(world).size(), 1U);
}

TEST(ServerAction, AStageWithoutWorkIsDoneAtOnce) {
  ComputeWorld world(kSlowTiming);
  world.connect_all();
  world.launch(1, 1);
  world.clear();
  world.deliver(kController, action(ServerActionKind::kPrepareUpload, 1));
  EXPECT_EQ(done(world).size(), 1U);
}

TEST(PowerAction, ARepeatIsAnsweredAgainAndAnOlderOneWithTheNewest) {
  ComputeWorld world("power_off = 1s");
  world.connect_all();
  world.launch(1, 1);
  world.deliver(kController, action(ServerActionKind::kStop, 4));
  world.deliver(kController, action(ServerActionKind::kStop, 4));  // still at it
  world.run(seconds(1));
  EXPECT_EQ(done(world).size(), 1U);
  world.deliver(kController, action(ServerActionKind::kStop, 4));
  EXPECT_EQ(done(world).size(), 2U);
  EXPECT_EQ(done(world)[1], done(world)[0]);
  world.deliver(kController, action(ServerActionKind::kStart, 3));
  world.run(seconds(5));
  ASSERT_EQ(done(world).size(), 3U);
  EXPECT_EQ(done(world)[2], done(world)[0]) << "a controller whose store went back counts on from there";
  EXPECT_EQ(journaled(world), PowerState::kShutdown);
}

TEST(PowerAction, ANewerOneReplacesTheOneUnderWay) {
  ComputeWorld world("power_off = 1s");
  world.connect_all();
  world.launch(1, 1);
  world.deliver(kController, action(ServerActionKind::kStop, 1));
  world.run(milliseconds(500));
  world.deliver(kController, action(ServerActionKind::kStart, 2));
  world.run(seconds(5));
  ASSERT_EQ(done(world).size(), 1U);
  EXPECT_EQ(done(world)[0].operation, 2U);
  EXPECT_EQ(journaled(world), PowerState::kRunning);
  world.expect_quiet(1);
}

TEST(PowerAction, AServerThatIsNotHereIsNotFoundAndAnOldEpochDiscarded) {
  ComputeWorld world;
  world.connect_all();
  world.deliver(kController, action(ServerActionKind::kStop, 1));
  ASSERT_EQ(done(world).size(), 1U);
  EXPECT_EQ(done(world)[0].fault.code, ErrorCode::kNotFound);
  world.launch(1, 5);
  world.deliver(kController, action(ServerActionKind::kStop, 1, 4));
  EXPECT_TRUE(done(world).empty());
  world.deliver(kController, action(ServerActionKind::kStop, 1, 6));
  ASSERT_EQ(done(world).size(), 1U);
  EXPECT_EQ(done(world)[0].fault.code, ErrorCode::kNotFound);
  EXPECT_EQ(journaled(world), PowerState::kRunning);
}

TEST(PowerAction, AJournalThatRefusesLeavesTheGuestAsItWasAndARepeatIsAnsweredTheSame) {
  ComputeWorld world;
  world.connect_all();
  world.launch(1, 1);
  world.journal.refusing_puts = true;
  world.deliver(kController, action(ServerActionKind::kStop, 1));
  ASSERT_EQ(done(world).size(), 1U);
  EXPECT_EQ(done(world)[0].fault.code, ErrorCode::kUnavailable);
  EXPECT_EQ(done(world)[0].power_state, PowerState::kRunning);
  world.journal.refusing_puts = false;
  // The controller has taken the fault; a repeat that was on its way must not stop the guest behind its back.
  world.deliver(kController, action(ServerActionKind::kStop, 1));
  ASSERT_EQ(done(world).size(), 2U);
  EXPECT_EQ(done(world)[1].fault, done(world)[0].fault);
  EXPECT_EQ(journaled(world), PowerState::kRunning);
  world.deliver(kController, action(ServerActionKind::kStop, 2));
  ASSERT_EQ(done(world).size(), 3U);
  EXPECT_EQ(done(world)[2].fault.message, "");
  EXPECT_EQ(journaled(world), PowerState::kShutdown);
}

TEST(PowerAction, ADeleteCancelsIt) {
  ComputeWorld world("power_off = 10s");
  world.connect_all();
  world.launch(1, 1);
  world.deliver(kController, action(ServerActionKind::kStop, 1));
  world.run(seconds(1));
  world.deliver(kController, TerminateInstance{"c0", {uuid_of(1), 2}, {}});
  EXPECT_EQ(world.transport->count<InstanceTerminated>(), 1U);
  world.run(seconds(20));
  EXPECT_TRUE(done(world).empty());
  world.expect_quiet(0);
}

TEST(PowerAction, AGuestThatIsBeingDestroyedIsNotFound) {
  ComputeWorld world("destroy = 1s");
  world.connect_all();
  world.launch(1, 1);
  world.deliver(kController, ReportAnswer{"c0", {uuid_of(1), 1}, ReportAnswer::Verdict::kStale});
  world.deliver(kController, action(ServerActionKind::kStop, 1));
  world.run(seconds(1));
  ASSERT_EQ(done(world).size(), 1U);
  EXPECT_EQ(done(world)[0].fault.code, ErrorCode::kNotFound);
  world.expect_quiet(0);
  EXPECT_EQ(world.core->counters().fences, 1U);
}

}  // namespace
}  // namespace kilonova::testing
