// What a host says of a guest's power, against its server's state: Nova's sync_power_state.
#include <gtest/gtest.h>

#include "domain/server_actions.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

using PowerStateTest = ControllerTest;

TEST_F(PowerStateTest, AGuestThatLostItsPowerIsStopped) {
  connect_all();
  Instance server = create();
  make_active(server);
  PlacementId placement{server.uuid, 1};
  auto found_off = [&](PlacementId guest) {
    deliver(RegisterHosts{{}, {{"h1", guest, PowerState::kShutdown, true}}, false});
  };
  found_off({server.uuid, 0});
  found_off({Uuid{{7}}, 1});
  EXPECT_EQ(transport->count<ApplyServerAction>(), 0u);
  found_off(placement);
  EXPECT_EQ(row(server.uuid)->task_state, TaskState::kPoweringOff);
  found_off(placement);
  auto told = transport->take<ApplyServerAction>();
  ASSERT_EQ(told.size(), 1u) << "once is enough";
  EXPECT_EQ(told[0].action, ServerActionKind::kStop);
  deliver(ServerActionDone{"h1", placement, 1, PowerState::kShutdown, {{}, ""}});
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kStopped);
  found_off(placement);
  EXPECT_EQ(transport->count<ApplyServerAction>(), 0u);
}

TEST_F(PowerStateTest, AGuestThatRunsThoughItsServerIsStoppedIsStopped) {
  connect_all();
  Instance server = create();
  make_active(server);
  ASSERT_TRUE(call(ServerAction{server.name, ServerActionKind::kStop}).has_value());
  deliver(ServerActionDone{"h1", {server.uuid, 1}, 1, PowerState::kShutdown, {{}, ""}});
  transport->take<ApplyServerAction>();
  deliver(RegisterHosts{{}, {{"h1", {server.uuid, 1}, PowerState::kRunning, true}}, false});
  EXPECT_EQ(row(server.uuid)->task_state, TaskState::kPoweringOff);
  EXPECT_EQ(transport->count<ApplyServerAction>(), 1u);
}

TEST_F(PowerStateTest, AGuestThatIsPausedUnexpectedlyIsWrittenDownAndLeft) {
  connect_all();
  Instance server = create();
  make_active(server);
  RegisterHosts paused{{}, {{"h1", {server.uuid, 1}, PowerState::kPaused, true}}, false};
  deliver(RegisterHosts{{}, {{"h2", {server.uuid, 1}, PowerState::kPaused, true}}, false});
  EXPECT_EQ(row(server.uuid)->power_state, PowerState::kRunning) << "another host's word";
  disk.fail_next({ErrorCode::kUnavailable, "full"});
  deliver(paused);
  EXPECT_EQ(row(server.uuid)->power_state, PowerState::kRunning);
  deliver(paused);
  EXPECT_EQ(row(server.uuid)->power_state, PowerState::kPaused);
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
  EXPECT_EQ(row(server.uuid)->task_state, TaskState::kNone);
  deliver(RegisterHosts{{}, {{"h1", {server.uuid, 1}, PowerState::kRunning, true}}, false});
  EXPECT_EQ(row(server.uuid)->power_state, PowerState::kRunning);
  EXPECT_EQ(transport->count<ApplyServerAction>(), 0u);
}

// Of a guest that runs nobody speaks again before its host registers anew.
TEST_F(PowerStateTest, WhatTheStoreRefusedIsWrittenDownLater) {
  connect_all();
  Instance server = create();
  make_active(server);
  disk.fail_next({ErrorCode::kUnavailable, "full"});
  deliver(RegisterHosts{{}, {{"h1", {server.uuid, 1}, PowerState::kPaused, true}}, false});
  EXPECT_EQ(row(server.uuid)->power_state, PowerState::kRunning);
  disk.fail_next({ErrorCode::kUnavailable, "full"});
  pass(seconds(1));
  EXPECT_EQ(row(server.uuid)->power_state, PowerState::kRunning);
  pass(seconds(1));
  EXPECT_EQ(row(server.uuid)->power_state, PowerState::kPaused);
}

// A suspend that was said to have failed, and whose guest comes back suspended.
TEST_F(PowerStateTest, AGuestThatIsSuspendedUnexpectedlyIsStopped) {
  connect_all();
  Instance server = create();
  make_active(server);
  deliver(RegisterHosts{{}, {{"h1", {server.uuid, 1}, PowerState::kSuspended, true}}, false});
  EXPECT_EQ(row(server.uuid)->task_state, TaskState::kPoweringOff);
  auto told = transport->take<ApplyServerAction>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].action, ServerActionKind::kStop);
}

// Nova looks at no guest of a server that is suspended.
TEST_F(PowerStateTest, AGuestOfASuspendedServerThatRunsIsWrittenDownAndLeft) {
  connect_all();
  Instance server = create();
  make_active(server);
  ASSERT_TRUE(call(ServerAction{server.name, ServerActionKind::kSuspend}).has_value());
  deliver(ServerActionDone{"h1", {server.uuid, 1}, 1, PowerState::kSuspended, {{}, ""}});
  ASSERT_EQ(row(server.uuid)->vm_state, VmState::kSuspended);
  transport->take<ApplyServerAction>();
  deliver(RegisterHosts{{}, {{"h1", {server.uuid, 1}, PowerState::kRunning, true}}, false});
  EXPECT_EQ(row(server.uuid)->power_state, PowerState::kRunning);
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kSuspended);
  EXPECT_EQ(row(server.uuid)->task_state, TaskState::kNone);
  EXPECT_EQ(transport->count<ApplyServerAction>(), 0u);
}

TEST_F(PowerStateTest, AStopThatTheStoreRefusedIsDoneWhenItIsFoundAgain) {
  connect_all();
  Instance server = create();
  make_active(server);
  RegisterHosts found_off{{}, {{"h1", {server.uuid, 1}, PowerState::kShutdown, true}}, false};
  disk.fail_next({ErrorCode::kUnavailable, "full"});
  deliver(found_off);
  EXPECT_EQ(row(server.uuid)->task_state, TaskState::kNone);
  deliver(found_off);
  EXPECT_EQ(row(server.uuid)->task_state, TaskState::kPoweringOff);
}

// The state is what its user made of the server; the power is what the host says.
TEST_F(PowerStateTest, ARowThatIsWrongAboutItsGuestIsMended) {
  connect_all();
  Instance server = create();
  make_active(server);
  deliver(RegisterHosts{{}, {{"h1", {server.uuid, 1}, PowerState::kPaused, true}}, false});
  ASSERT_EQ(row(server.uuid)->power_state, PowerState::kPaused);
  deliver(RegisterHosts{{}, {{"h1", {server.uuid, 1}, PowerState::kRunning, true}}, false});
  EXPECT_EQ(row(server.uuid)->power_state, PowerState::kRunning);
  EXPECT_EQ(row(server.uuid)->operation, 0u) << "nothing was begun";
}

}  // namespace
}  // namespace kilonova::controller
