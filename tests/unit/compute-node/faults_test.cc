// Fault rules on a host, beside those that make a step fail (build_failure_test.cc), and steps by hand.
#include <string>
#include <vector>

#include "domain/api.h"
#include "domain/nouns/server_request.h"
#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::testing {
namespace {

ApplyServerAction struck_stop(InjectedFault fault, uint64_t operation = 1) {
  ApplyServerAction request;
  request.host = "c0";
  request.placement = {uuid_of(1), 1};
  request.operation = operation;
  request.action = ServerActionKind::kStop;
  fault.rule_id = 9;
  request.faults = {std::move(fault)};
  return request;
}

std::vector<ServerActionDone> done(const ComputeWorld& world) {
  return world.transport->all_to<ServerActionDone>(kController);
}

struct StruckAction : ::testing::Test {
  StruckAction() {
    world.connect_all();
    world.launch(1, 1);
    world.clear();
  }
  ComputeWorld world;
};

TEST_F(StruckAction, FailsWithItsMessageAndChangesNothing) {
  world.deliver(kController, struck_stop({.message = "the guest is deaf"}));
  ASSERT_EQ(done(world).size(), 1U);
  EXPECT_EQ(done(world)[0].fault.message, "the guest is deaf");
  EXPECT_EQ(done(world)[0].power_state, PowerState::kRunning);
}

TEST_F(StruckAction, ThatPassesIsDone) {
  world.strikes = [](const FaultReached&) { return false; };
  world.deliver(kController, struck_stop({.message = "no"}));
  ASSERT_EQ(done(world).size(), 1U);
  EXPECT_EQ(done(world)[0].fault.message, "");
}

TEST_F(StruckAction, ThatIsDroppedIsDoneWhenItIsToldAgain) {
  int asked = 0;
  world.strikes = [&](const FaultReached& reached) {
    EXPECT_EQ(reached.operation, 1U);
    return asked++ == 0;  // as the controller decides for the same work
  };
  const ApplyServerAction stop = struck_stop({.fails = false, .effect = FaultEffect::kDrop});
  world.deliver(kController, stop);
  EXPECT_TRUE(done(world).empty());
  world.deliver(kController, stop);
  ASSERT_EQ(done(world).size(), 1U);
  EXPECT_EQ(done(world)[0].power_state, PowerState::kShutdown);
}

TEST_F(StruckAction, WhoseAnswerIsLostIsAnsweredWhenItIsToldAgain) {
  const ApplyServerAction stop = struck_stop({.fails = false, .effect = FaultEffect::kLoseReply});
  world.deliver(kController, stop);
  EXPECT_TRUE(done(world).empty());
  EXPECT_EQ(world.journal.records.begin()->second.power_state, PowerState::kShutdown);
  world.deliver(kController, stop);
  EXPECT_EQ(done(world).size(), 1U);
}

TEST_F(StruckAction, HangsUntilTheRuleIsCleared) {
  bool cleared = false;
  world.strikes = [&](const FaultReached&) { return !cleared; };
  world.deliver(kController, struck_stop({.fails = false, .effect = FaultEffect::kHang}));
  for (int i = 0; i < 100; ++i) world.run(seconds(1));
  EXPECT_TRUE(done(world).empty());
  cleared = true;
  for (int i = 0; i < 5; ++i) world.run(milliseconds(250));
  ASSERT_EQ(done(world).size(), 1U);
  EXPECT_EQ(done(world)[0].power_state, PowerState::kShutdown);
}

TEST(StruckBuild, ACallThatIsLostIsMadeAgain) {
  ComputeWorld world;
  world.connect_all();
  BuildAndRunInstance cast = ComputeWorld::cast_of(1, 1);
  cast.faults = {{.rule_id = 7, .step = LaunchStep::kNetworkRequested, .fails = false, .effect = FaultEffect::kDrop}};
  world.deliver(kScheduler, cast);
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), 0U);
  world.run(seconds(2));
  world.answer_allocations();
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  EXPECT_EQ(world.terminal_reports()[0].result, BuildResult::kActive);
}

TEST(StruckBuild, ADeleteEndsOneThatHangs) {
  ComputeWorld world;
  world.connect_all();
  BuildAndRunInstance cast = ComputeWorld::cast_of(1, 1);
  cast.faults = {{.rule_id = 7, .step = LaunchStep::kImageReady, .fails = false, .effect = FaultEffect::kHang}};
  world.deliver(kScheduler, cast);
  world.answer_allocations();
  world.run(seconds(5));
  EXPECT_TRUE(world.terminal_reports().empty());
  world.deliver(kController, TerminateInstance{.host = "c0", .placement = {uuid_of(1), 2}, .trace = {}});
  EXPECT_EQ(world.transport->count<InstanceTerminated>(), 1U);
}

class ByHand : public ::testing::Test {
 protected:
  ByHand() { world.connect_all(); }

  // "" when no step waits.
  std::string step() {
    world.transport->take<ApiReply>();
    world.deliver(kController, ApiCall{{}, {}, StepServer{to_string(uuid_of(1))}}, ++calls_);
    world.answer_allocations();
    for (const ApiReply& reply : world.transport->take<ApiReply>())
      if (reply.result) return get<ServerStep>(*reply.result).step;
    return "";
  }

  ComputeWorld world{"", 2, {.steps_by_hand = true}};

 private:
  uint64_t calls_ = 1000;
};

TEST_F(ByHand, ALaunchGoesOnOneStepAtATime) {
  world.cast(1, 1);
  std::vector<std::string> steps;
  for (std::string next = step(); !next.empty(); next = step()) {
    EXPECT_LT(steps.size(), 6U);
    steps.push_back(next);
  }
  EXPECT_EQ(steps, (std::vector<std::string>{"claimed", "network_requested", "block_devices_mapped", "image_ready",
                                             "guest_defined", "guest_started"}));
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  EXPECT_EQ(world.terminal_reports()[0].result, BuildResult::kActive);
}

TEST_F(ByHand, AnActionGoesOnOneWorkAtATime) {
  world.cast(1, 1);
  while (!step().empty()) {
  }
  world.answer_report(world.terminal_reports()[0]);
  ApplyServerAction reboot;
  reboot.host = "c0";
  reboot.placement = {uuid_of(1), 1};
  reboot.operation = 1;
  reboot.action = ServerActionKind::kReboot;
  world.deliver(kController, reboot);
  EXPECT_EQ(step(), "reboot: power_off");
  EXPECT_TRUE(done(world).empty());
  EXPECT_EQ(step(), "reboot: power_on");
  EXPECT_EQ(done(world).size(), 1U);
  EXPECT_EQ(step(), "");
}

TEST_F(ByHand, ADeleteWaitsForNobody) {
  world.cast(1, 1);
  EXPECT_EQ(step(), "claimed");
  world.deliver(kController, TerminateInstance{.host = "c0", .placement = {uuid_of(1), 2}, .trace = {}});
  EXPECT_EQ(world.transport->count<InstanceTerminated>(), 1U);
  EXPECT_EQ(step(), "");
}

}  // namespace
}  // namespace kilonova::testing
