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

TEST_F(InstanceActionsTest, WhatTheStoreRefusesWasNotAsked) {
  make_active(server);
  disk.fail_next({ErrorCode::kUnavailable, "full"});
  EXPECT_FALSE(call(ServerAction{"web", ServerActionKind::kStop}).has_value());
  EXPECT_THAT(names(), ElementsAre("create"));
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
