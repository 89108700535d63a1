// Who may say what to the controller, and answers of peers that are none.
#include "domain/api.h"
#include "domain/nouns/host.h"
#include "domain/nouns/network.h"
#include "domain/nouns/project.h"
#include "domain/nouns/service.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

class DoorTest : public ControllerTest {
 protected:
  size_t refusals() const {
    size_t count = 0;
    for (const auto& event : log.events)
      count += event.message == "a message was ignored: its sender may not send it here" ? 1 : 0;
    return count;
  }
};

TEST_F(DoorTest, AComputeProcessIsNoAdministrator) {
  connect_all();
  transport->clear();
  deliver(ApiCall{admin(), {}, CreateProject{"mine", ""}});
  EXPECT_EQ(refusals(), 1u);
  EXPECT_EQ(core->records().find_project("mine"), nullptr);
  EXPECT_EQ(transport->count<ApiReply>(), 0u);
}

// Each message from each role: what the table does not allow changes nothing.
TEST_F(DoorTest, WhatItsSenderMayNotSendIsIgnored) {
  connect_all();
  Instance server = create();
  const uint64_t epoch = row(server.uuid)->current.epoch;
  for (PeerId from : {kApi, kScheduler, kNetwork}) {
    size_t before = refusals();
    deliver(report(server, BuildResult::kActive), from);
    deliver(ComputeHeartbeat{}, from);
    deliver(RegisterHosts{{{"h9", "nova", {1, 1, 1}}}, {}, true}, from);
    deliver(InstanceTerminated{"h1", {server.uuid, epoch}}, from);
    deliver(ServerActionDone{.host = "h1", .placement = {server.uuid, epoch}}, from);
    EXPECT_EQ(refusals(), before + 5) << to_string(from);
  }
  // A scheduler says of a try that an injected fault has ended it, and nothing else.
  for (BuildResult result : {BuildResult::kProgress, BuildResult::kActive, BuildResult::kLost}) {
    size_t before = refusals();
    deliver(report(server, result), kScheduler);
    EXPECT_EQ(refusals(), before + 1);
  }
  for (PeerId from : {kApi, kCompute, kNetwork}) {
    size_t before = refusals();
    deliver(NoValidHost{{{server.uuid, epoch}}, "No.", {}, {}}, from);
    deliver(SchedulerHeartbeat{}, from);
    deliver(SelectDestinationsRefused{}, from);
    EXPECT_EQ(refusals(), before + 3) << to_string(from);
  }
  size_t before = refusals();
  deliver(NetworksSnapshot{}, kCompute);
  deliver(AddressesReleased{{server.uuid, epoch}}, kCompute);
  deliver(TokenKeys{std::string(32, 'x')}, kApi);
  deliver(WatchEvents{}, kApi);
  EXPECT_EQ(refusals(), before + 4);
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kBuilding);
  EXPECT_EQ(row(server.uuid)->current.epoch, epoch);
  EXPECT_FALSE(core->records().of<Host>().contains("h9"));
  EXPECT_EQ(core->records().networks.size(), 1u);
}

// A compute process without hosts, or with others: it speaks of its own.
TEST_F(DoorTest, AComputeProcessSpeaksOfItsOwnHosts) {
  const PeerId liar{Role::kCompute, 1};
  connect_all();
  Instance building = create("building"), running = create("running");
  make_active(running);
  ASSERT_TRUE(call(ServerAction{"running", ServerActionKind::kStop}).has_value());
  transport->connect(*core, liar, 1);
  for (BuildResult result : {BuildResult::kProgress, BuildResult::kActive, BuildResult::kRescheduled,
                             BuildResult::kFailed, BuildResult::kLost})
    deliver(report(building, result), liar);
  const Instance& now = *row(running.uuid);
  deliver(ServerActionDone{.host = "h1", .placement = now.placement_id(), .operation = now.operation}, liar);
  deliver(ServerActionDone{.host = "h1", .placement = now.placement_id(), .operation = UINT64_MAX}, liar);
  deliver(RegisterHosts{{{"h1", "nova", {1, 1, 1}}},
                        {{"h1", {running.uuid, 1}, PowerState::kShutdown, true},
                         {"h1", {building.uuid, 1}, PowerState::kRunning, true},
                         {"h1", {running.uuid, UINT64_MAX}, PowerState::kRunning, true}},
                        true},
          liar);
  deliver(ComputeHeartbeat{{"h1"}, {{"h1", {running.uuid, 99}}}}, liar);
  EXPECT_EQ(row(building.uuid)->vm_state, VmState::kBuilding);
  EXPECT_EQ(row(building.uuid)->current.epoch, 1u);
  EXPECT_TRUE(row(building.uuid)->current.host.empty());
  EXPECT_EQ(row(running.uuid)->task_state, TaskState::kPoweringOff);
  EXPECT_EQ(core->records().of<Host>().at("h1").process, kCompute);
  ASSERT_TRUE(call(DeleteServer{"running"}).has_value());
  EXPECT_EQ(row(running.uuid)->current.epoch, 2u);
  deliver(InstanceTerminated{"h1", {running.uuid, 2}}, liar);
  deliver(AddressesReleased{{running.uuid, 2}}, kNetwork);
  EXPECT_NE(row(running.uuid), nullptr) << "its host has not said so";
  deliver(InstanceTerminated{"h1", {running.uuid, 2}});
  EXPECT_EQ(row(running.uuid), nullptr);
}

TEST_F(DoorTest, AnAnswerOfAnotherKindIsAnErrorOfTheCall) {
  connect_all();
  transport->clear();
  uint64_t id = ++calls;
  transport->deliver(*core, kApi, ApiCall{admin(), {}, CreateNetwork{"n", "10.1.0.0/24", "", false, false}}, id);
  settle();
  uint64_t forwarded = 0;
  for (const auto& sent : transport->sent())
    if (sent.to == kNetwork && holds_alternative<ApiCall>(sent.message.body)) forwarded = sent.message.call;
  ASSERT_NE(forwarded, 0u);
  transport->deliver(*core, kNetwork, ApiReply{CloudStatus{}}, forwarded);
  settle();
  auto replies = transport->all_to<ApiReply>(kApi);
  ASSERT_EQ(replies.size(), 1u);
  ASSERT_FALSE(replies[0].result.has_value());
  EXPECT_EQ(replies[0].result.error().code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace kilonova::controller
