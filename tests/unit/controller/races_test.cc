// Changes of one record that are under way together: what is in memory is what is on disk, and the last word is the last.
#include "domain/api.h"
#include "domain/nouns/fault_rule.h"
#include "domain/nouns/host.h"
#include "domain/nouns/project.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

class RacesTest : public ControllerTest {
 protected:
  static RegisterHosts hosts(std::vector<std::string> names, int32_t vcpus, bool last = true) {
    RegisterHosts part;
    for (std::string& name : names) part.hosts.push_back({std::move(name), "nova", {vcpus, 65'536, 1'000}});
    part.last = last;
    return part;
  }
  // Asked, not awaited.
  void ask(ApiRequest request) {
    StepRecord accepted{LaunchStep::kRequestAccepted, 1, 1, "api-0", "", loop.wall_now(), microseconds(5), ""};
    transport->deliver(*core, kApi, ApiCall{admin(), accepted, std::move(request)}, ++calls);
  }
  HostView host(const std::string& name) {
    for (const HostView& view : get<HostList>(*call(ListHosts{})).hosts)
      if (view.host.name == name) return view;
    return {};
  }
};

TEST_F(RacesTest, ARegistrationThatEndsLateDoesNotBringADeadIncarnationBack) {
  connect_all();
  disk.fail_from_now_on({ErrorCode::kUnavailable, "the disk is full"});
  deliver(hosts({"h1", "h2", "h3", "h4"}, 64));
  pass(milliseconds(500));
  transport->disconnect(*core, kCompute);
  transport->connect(*core, kCompute, 2);
  deliver(hosts({"h1", "h2", "h3", "h4"}, 64));
  pass(milliseconds(100));
  disk.recover();
  for (int i = 0; i < 8; ++i) {
    pass(seconds(10));
    heartbeat({});
  }
  EXPECT_TRUE(host("h1").up);
  EXPECT_TRUE(host("h4").up);
}

TEST_F(RacesTest, ANewHostThatIsAnnouncedAgainAndAgainHasOneRow) {
  connect_all();
  disk.fail_from_now_on({ErrorCode::kUnavailable, "the disk is full"});
  for (int i = 0; i < 3; ++i) {
    deliver(hosts({"h1", "h2", "h3", "h4"}, 64));
    pass(milliseconds(300));
  }
  disk.recover();
  pass(seconds(5));
  size_t rows = 0;
  const ControllerState stored = *store->load();
  for (const Host& row : stored.of<Host>()) rows += row.name == "h4" ? 1 : 0;
  EXPECT_EQ(rows, 1u);
}

TEST_F(RacesTest, WatchersHearWhenHostsGoUpAndDown) {
  connect_all();
  pass(milliseconds(10));
  auto told = [&] {
    std::vector<std::string> lines;
    for (const WatchEvents& message : transport->take<WatchEvents>())
      for (const CloudEvent& event : message.cloud_events) lines.push_back(event.host + (event.up ? " up" : " down"));
    return lines;
  };
  EXPECT_EQ(told(), (std::vector<std::string>{"h1 up", "h2 up", "h3 up"}));
  transport->deliver(*core, kCompute, ComputeHeartbeat{{"h2"}, {}});
  transport->deliver(*core, kCompute, ComputeHeartbeat{{"h2"}, {}});
  pass(milliseconds(10));
  EXPECT_EQ(told(), std::vector<std::string>{"h2 down"});
  transport->deliver(*core, kCompute, ComputeHeartbeat{{}, {}});
  pass(milliseconds(10));
  EXPECT_EQ(told(), std::vector<std::string>{"h2 up"});
}

TEST_F(RacesTest, ADisableDuringARegistrationStays) {
  connect_all();
  disk.commit_latency = milliseconds(100);
  transport->deliver(*core, kCompute, hosts({"h1", "h2", "h3"}, 32));
  loop.run_until(loop.now() + milliseconds(20));
  ask(SetHostEnabled{"h1", false, "broken"});
  pass(seconds(1));
  EXPECT_FALSE(host("h1").host.enabled);
  EXPECT_EQ(host("h1").host.total.vcpus, 32);
  disk.commit_latency = {};
  restart();
  connect_all();
  EXPECT_FALSE(host("h1").host.enabled);
}

TEST_F(RacesTest, ARegistrationDuringADisableChangesWhatItSays) {
  connect_all();
  disk.commit_latency = milliseconds(100);
  ask(SetHostEnabled{"h1", false, "broken"});
  loop.run_until(loop.now() + milliseconds(20));
  transport->deliver(*core, kCompute, hosts({"h1", "h2", "h3"}, 32));
  pass(seconds(1));
  EXPECT_FALSE(host("h1").host.enabled);
  EXPECT_EQ(host("h1").host.total.vcpus, 32);
}

TEST_F(RacesTest, TheLastPartOfARegistrationWaitsForTheOthers) {
  connect_all();
  Instance server = create();
  heartbeat({{"h1", {server.uuid, 1}}});
  disk.commit_latency = milliseconds(100);
  transport->connect(*core, kCompute, 2);
  transport->deliver(*core, kCompute, hosts({"h1"}, 32, false));
  transport->deliver(*core, kCompute, hosts({"h2", "h3"}, 64));
  transport->deliver(*core, kCompute, ComputeHeartbeat{{}, {{"h1", {server.uuid, 1}}}});
  pass(seconds(1));
  EXPECT_EQ(row(server.uuid)->current.epoch, 1u);
  EXPECT_TRUE(host("h1").up);
}

TEST_F(RacesTest, AHostThatIsDownWhileItsProcessRegistersIsNotCalledUp) {
  connect_all();
  restart();
  transport->connect(*core, kScheduler, 1);
  transport->connect(*core, kCompute, 1);
  transport->deliver(*core, kCompute, hosts({"h1", "h2", "h3"}, 64));
  transport->deliver(*core, kCompute, ComputeHeartbeat{{"h2"}, {}});
  settle();
  for (const HostStatuses& statuses : transport->all_to<HostStatuses>(kScheduler))
    for (const HostStatus& status : statuses.hosts)
      if (status.name == "h2") EXPECT_FALSE(status.up);
}

TEST_F(RacesTest, AClearedFaultStaysCleared) {
  connect_all();
  FaultRule rule;
  rule.step = LaunchStep::kClaimed;
  rule.count = 5;
  ASSERT_TRUE(call(AddFault{rule}).has_value());
  Instance server = create();
  disk.commit_latency = milliseconds(100);
  ask(ClearFaults{});
  loop.run_until(loop.now() + milliseconds(20));
  transport->deliver(*core, kCompute, FaultReached{.rule_id = 1, .number = 1, .placement = server.placement_id()}, 7);
  pass(seconds(1));
  disk.commit_latency = {};
  EXPECT_EQ(transport->take<FaultVerdict>(), std::vector<FaultVerdict>{{false}});
  restart();
  connect_all();
  EXPECT_TRUE(get<FaultList>(*call(ListFaults{})).rules.empty());
}

TEST_F(RacesTest, AFaultThatStrikesWhileAFoundGuestBecomesItsServersComesTooLate) {
  connect_all();
  FaultRule rule;
  rule.server_pattern = "*";
  rule.step = LaunchStep::kActive;
  rule.fails = true;
  rule.count = 1;
  ASSERT_TRUE(call(AddFault{rule}).has_value());
  Instance server = create();
  deliver(report(server, BuildResult::kProgress));
  connect_compute(2, {{"h1", {server.uuid, 1}, PowerState::kRunning, true}});
  disk.commit_latency = seconds(1);
  const AllocateAddressesReply addresses{{server.uuid, 1}, {Address{.ip = Ipv4{0x0a000002}}}, {}, {{}, ""}};
  for (const auto& sent : std::vector(transport->sent()))
    if (holds_alternative<AllocateAddresses>(sent.message.body))
      transport->deliver(*core, kNetwork, addresses, sent.message.call);
  loop.run_until(loop.now() + milliseconds(100));
  transport->deliver(*core, kCompute, report(server, BuildResult::kActive));
  pass(seconds(5));
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
  auto told = answers();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].verdict, ReportAnswer::Verdict::kAccepted);
}

TEST_F(RacesTest, AFaultThatCouldNotBeClearedIsThereStill) {
  connect_all();
  FaultRule rule;
  rule.server_pattern = "*";
  rule.step = LaunchStep::kClaimed;
  rule.fails = true;
  ASSERT_TRUE(call(AddFault{rule}).has_value());
  disk.fail_from_now_on({ErrorCode::kUnavailable, "the disk is full"});
  EXPECT_FALSE(call(ClearFaults{}).has_value());
  EXPECT_EQ(get<FaultList>(*call(ListFaults{})).rules.size(), 1u);
}

TEST_F(RacesTest, ACastThatIsMadeAgainCarriesItsFaultAgain) {
  connect_all();
  FaultRule rule;
  rule.server_pattern = "*";
  rule.step = LaunchStep::kClaimed;
  rule.fails = true;
  rule.count = 1;
  ASSERT_TRUE(call(AddFault{rule}).has_value());
  transport->disconnect(*core, kScheduler);
  create();
  transport->take<SelectDestinations>();
  transport->connect(*core, kScheduler, 2);
  settle();
  auto casts = transport->take<SelectDestinations>();
  ASSERT_EQ(casts.size(), 1u);
  EXPECT_EQ(casts[0].requests.at(0).faults.size(), 1u);
}

TEST_F(RacesTest, AProjectInWhichACreateIsBeingCommittedIsNotDeleted) {
  connect_all();
  disk.commit_latency = milliseconds(100);
  ask(create_request());
  loop.run_until(loop.now() + milliseconds(20));
  ask(DeleteProject{"admin"});
  pass(seconds(1));
  EXPECT_NE(core->records().find_project("admin"), nullptr);
}

TEST_F(RacesTest, NoServerIsMadeInAProjectThatIsBeingDeleted) {
  connect_all();
  ASSERT_TRUE(call(CreateProject{"lab", ""}).has_value());
  RequestContext lab = admin();
  lab.project_id = core->records().find_project("lab")->id;
  disk.commit_latency = milliseconds(100);
  ask(DeleteProject{"lab"});
  loop.run_until(loop.now() + milliseconds(20));
  auto refused = call(create_request(), lab);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated);
  pass(seconds(1));
  EXPECT_EQ(core->records().find_project("lab"), nullptr);
}

TEST_F(RacesTest, ADeleteRightAfterARestartWaitsForTheHost) {
  connect_all();
  Instance server = create();
  make_active(server);
  restart();
  transport->connect(*core, kApi, 1);
  ASSERT_TRUE(call(DeleteServer{"web", false}).has_value());
  deliver(AddressesReleased{{server.uuid, 2}}, kNetwork);
  EXPECT_NE(row(server.uuid), nullptr);
}

}  // namespace
}  // namespace kilonova::controller
