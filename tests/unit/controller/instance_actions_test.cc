// The record of what was asked of a server.
#include "controller/core/instance_actions.h"

#include <gmock/gmock.h>

#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

using ::testing::ElementsAre;

class InstanceActionsTest : public ControllerTest {
 protected:
  InstanceActionsTest() {
    connect_all();
    server = create();
  }
  std::vector<InstanceAction> actions() {
    return get<InstanceActionList>(*call(ListInstanceActions{to_string(server.uuid)})).actions;
  }
  std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const InstanceAction& action : actions()) names.push_back(action.action);
    return names;
  }
  void act(ServerActionKind kind, PowerState power, std::string fault = {}) {
    ASSERT_TRUE(call(ServerAction{"web", kind}).has_value());
    deliver(ServerActionDone{"h1", {server.uuid, 1}, ++operation, power, {ErrorCode::kInternal, std::move(fault)}});
  }

  static constexpr const char* kBuild = "compute__do_build_and_run_instance";
  Instance server;
  uint64_t operation = 0;
};

TEST_F(InstanceActionsTest, TheCreateIsReadFromTheRow) {
  EXPECT_EQ(actions().at(0).finished_at, WallTime{});
  EXPECT_EQ(actions().at(0).request_id, admin().trace.request_id);
  make_active(server);
  EXPECT_EQ(actions().at(0).finished_at, row(server.uuid)->launched_at);
  EXPECT_FALSE(actions().at(0).failed);
  EXPECT_TRUE(core->records().of<InstanceAction>().empty()) << "a launch writes nothing for it";
}

TEST_F(InstanceActionsTest, ALaunchThatFailsSaysWhy) {
  deliver(report(server, BuildResult::kFailed));
  ASSERT_EQ(actions().size(), 1u);
  EXPECT_TRUE(actions()[0].failed);
  EXPECT_EQ(actions()[0].message, row(server.uuid)->fault.message);
  EXPECT_NE(actions()[0].finished_at, WallTime{});
}

TEST_F(InstanceActionsTest, ACreateHasAnEventOfEachHostThatTriedIt) {
  InstanceReport first = report(server, BuildResult::kRescheduled, "h2");
  first.steps = {{.step = LaunchStep::kClaimed, .epoch = 1, .host = "h2", .start = {1'000}, .duration = {10}},
                 {.step = LaunchStep::kNetworkRequested, .epoch = 1, .host = "h2", .start = {1'010}, .duration = {20}}};
  deliver(std::move(first));
  InstanceReport second = report(server, BuildResult::kActive, "h1");
  second.placement.epoch = row(server.uuid)->current.epoch;
  second.steps = {{.step = LaunchStep::kClaimed, .epoch = 2, .host = "h1", .start = {2'000}, .duration = {10}}};
  deliver(std::move(second));
  ASSERT_EQ(row(server.uuid)->vm_state, VmState::kActive);
  const auto events = actions().at(0).events;
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0], (InstanceActionEvent{kBuild, {1'000}, {1'030}, "h2", false}));
  EXPECT_EQ(events[1].host, "h1");
  EXPECT_EQ(events[1].started_at, WallTime{2'000});
}

TEST_F(InstanceActionsTest, ACreateWithoutAHostFailsInTheConductor) {
  deliver(NoValidHost{{{server.uuid, 1}}, "No valid host was found.", {}, {}}, kScheduler);
  const auto events = actions().at(0).events;
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].event, "conductor_schedule_and_build_instances");
  EXPECT_TRUE(events[0].failed);
}

TEST_F(InstanceActionsTest, AnEventSaysWhereAndUntilWhen) {
  make_active(server);
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kStop}).has_value());
  ASSERT_EQ(actions()[0].events.size(), 1u);
  EXPECT_EQ(actions()[0].events[0].event, "compute_stop_instance");
  EXPECT_EQ(actions()[0].events[0].host, "h1");
  EXPECT_EQ(actions()[0].events[0].finished_at, WallTime{});
  deliver(ServerActionDone{"h1", {server.uuid, 1}, 1, PowerState::kRunning, {ErrorCode::kInternal, "stuck"}});
  EXPECT_NE(actions()[0].events[0].finished_at, WallTime{});
  EXPECT_TRUE(actions()[0].events[0].failed);
  ASSERT_TRUE(call(LockServer{.server = "web", .locked = true}).has_value());
  ASSERT_EQ(actions()[0].events.size(), 1u);
  EXPECT_EQ(actions()[0].events[0].event, "api_lock");
  EXPECT_EQ(actions()[0].events[0].finished_at, actions()[0].finished_at);
}

TEST_F(InstanceActionsTest, AreThereFromTheirBeginningAndSurviveARestart) {
  make_active(server);
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kStop}).has_value());
  EXPECT_THAT(names(), ElementsAre("stop", "create"));
  EXPECT_EQ(actions()[0].finished_at, WallTime{});
  EXPECT_EQ(actions()[0].host, "h1");
  restart();
  connect_all();
  EXPECT_THAT(names(), ElementsAre("stop", "create"));
  deliver(ServerActionDone{"h1", {server.uuid, 1}, 1, PowerState::kShutdown, {{}, ""}});
  EXPECT_NE(actions()[0].finished_at, WallTime{});
  operation = 1;
  act(ServerActionKind::kStart, PowerState::kShutdown, "it does not start");
  EXPECT_THAT(names(), ElementsAre("start", "stop", "create"));
  EXPECT_TRUE(actions()[0].failed);
  EXPECT_EQ(actions()[0].message, "it does not start");
}

TEST_F(InstanceActionsTest, WhatIsDoneAtOnceEndsNoOther) {
  make_active(server);
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kStop}).has_value());
  ASSERT_TRUE(call(LockServer{.server = "web", .locked = true}).has_value());
  EXPECT_THAT(names(), ElementsAre("lock", "stop", "create"));
  EXPECT_EQ(actions()[1].finished_at, WallTime{});
  deliver(ServerActionDone{"h1", {server.uuid, 1}, 1, PowerState::kShutdown, {{}, ""}});
  EXPECT_NE(actions()[1].finished_at, WallTime{}) << "it stayed under way for ever";
  EXPECT_FALSE(actions()[1].failed);
}

TEST_F(InstanceActionsTest, WhatTheStoreRefusesWasNotAsked) {
  make_active(server);
  disk.fail_next({ErrorCode::kUnavailable, "full"});
  EXPECT_FALSE(call(ServerAction{"web", ServerActionKind::kStop}).has_value());
  EXPECT_THAT(names(), ElementsAre("create"));
}

TEST_F(InstanceActionsTest, TheLogIsToldOnceOfEachThatEnds) {
  make_active(server);
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kStop}).has_value());
  EXPECT_TRUE(log.actions.empty()) << "it is under way";
  deliver(ServerActionDone{"h1", {server.uuid, 1}, ++operation, PowerState::kShutdown, {}});
  ASSERT_EQ(log.actions.size(), 1u);
  EXPECT_EQ(log.actions[0], actions().at(0));
  act(ServerActionKind::kStart, PowerState::kRunning);
  ASSERT_EQ(log.actions.size(), 2u);
  EXPECT_EQ(log.actions[1].action, "start");
  ASSERT_TRUE(call(DeleteServer{to_string(server.uuid)}).has_value());
  const uint64_t epoch = row(server.uuid)->current.epoch;
  deliver(InstanceTerminated{"h1", {server.uuid, epoch}});
  deliver(AddressesReleased{{server.uuid, epoch}}, kNetwork);
  ASSERT_EQ(log.actions.size(), 3u);
  EXPECT_EQ(log.actions[2].action, "delete");
}

TEST_F(InstanceActionsTest, OldOnesGoAndAllGoWithTheServer) {
  make_active(server);
  for (size_t i = 0; i < kActionsKept + 10; ++i)
    ASSERT_TRUE(call(LockServer{.server = "web", .locked = i % 2 == 0}).has_value());
  EXPECT_EQ(names().size(), kActionsKept + 1);
  EXPECT_EQ(names().back(), "create");
  EXPECT_EQ(names().front(), "unlock");
  EXPECT_EQ(store->load()->of<InstanceAction>().size(), kActionsKept);
  ASSERT_TRUE(call(DeleteServer{"web"}).has_value());
  deliver(InstanceTerminated{"h1", {server.uuid, 2}});
  deliver(AddressesReleased{{server.uuid, 2}}, kNetwork);
  EXPECT_EQ(row(server.uuid), nullptr);
  EXPECT_TRUE(store->load()->of<InstanceAction>().empty());
  EXPECT_TRUE(core->records().of<InstanceAction>().empty());
}

}  // namespace
}  // namespace kilonova::controller
