// What is asked of servers in more words: resets, passwords, rescue, rebuild, images and backups.
#include <gmock/gmock.h>

#include "controller/core/instance_actions.h"
#include "domain/nouns/guest_view.h"
#include "domain/nouns/image.h"
#include "domain/nouns/server_request.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ServerRequestsTest : public ControllerTest {
 protected:
  ServerRequestsTest() {
    connect_all();
    server = create();
    make_active(server);
    transport->clear();
  }
  std::string refusal(ApiRequest request, std::optional<RequestContext> context = std::nullopt) {
    auto reply = call(std::move(request), context);
    EXPECT_FALSE(reply.has_value());
    return reply ? "" : reply.error().message;
  }
  RequestContext member() const {
    RequestContext context = admin();
    context.role = UserRole::kMember;
    return context;
  }
  // The host does what it was told, and says so.
  void host_does(PowerState power, std::string fault = {}) {
    const Instance& now = *row(server.uuid);
    deliver(ServerActionDone{"h1", now.placement_id(), now.operation, power, {ErrorCode::kInternal, std::move(fault)}});
  }
  std::vector<ServerActionKind> told() {
    std::vector<ServerActionKind> kinds;
    for (const ApplyServerAction& action : transport->all_to<ApplyServerAction>(kCompute))
      kinds.push_back(action.action);
    return kinds;
  }
  std::string state() const {
    const Instance& now = *row(server.uuid);
    return std::string(to_string(now.vm_state)) + "/" + std::string(to_string(now.task_state));
  }
  std::vector<InstanceAction> actions() {
    return get<InstanceActionList>(*call(ListInstanceActions{to_string(server.uuid)})).actions;
  }
  std::vector<Image> images() {
    std::vector<Image> made;
    for (const auto& [id, image] : core->records().of<Image>())
      if (image.server == server.uuid) made.push_back(image);
    return made;
  }
  Image make_backup(std::string name, int64_t rotation) {
    auto reply = call(CreateServerBackup{"web", std::move(name), "daily", rotation, {}});
    EXPECT_TRUE(reply.has_value());
    for (int stage = 0; stage < 3; ++stage) host_does(PowerState::kRunning);
    return get<ImageList>(*reply).images.at(0);
  }

  Instance server;
};

TEST_F(ServerRequestsTest, AResetEndsWhatIsUnderWay) {
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kStop}).has_value());
  const uint64_t operation = row(server.uuid)->operation;
  ASSERT_TRUE(call(ResetServerState{"web", VmState::kError}).has_value());
  EXPECT_EQ(state(), "error/");
  EXPECT_EQ(row(server.uuid)->current.host, "h1");
  deliver(ServerActionDone{"h1", {server.uuid, 1}, operation, PowerState::kShutdown, {ErrorCode::kInternal, ""}});
  EXPECT_EQ(state(), "error/") << "of an operation that is over";
  EXPECT_EQ(row(server.uuid)->power_state, PowerState::kShutdown) << "but the guest is off";
  EXPECT_EQ(actions()[0].action, "resetState");
  EXPECT_TRUE(actions()[1].failed);
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kRebootHard}).has_value()) << "it has a host";
  host_does(PowerState::kRunning);
  EXPECT_EQ(state(), "active/");
}

TEST_F(ServerRequestsTest, AGuestOfAServerInErrorIsItsOwn) {
  ASSERT_TRUE(call(ResetServerState{"web", VmState::kError}).has_value());
  transport->clear();
  deliver(OwnershipQuery{{{server.uuid, 1}}});
  EXPECT_TRUE(transport->take<OwnershipAnswer>().at(0).orphans.empty());
  ASSERT_TRUE(call(ResetServerState{"web", VmState::kActive}).has_value());
  EXPECT_EQ(state(), "active/");
}

TEST_F(ServerRequestsTest, OneThatIsCalledActiveAndIsOffIsStopped) {
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kStop}).has_value());
  host_does(PowerState::kShutdown);
  ASSERT_TRUE(call(ResetServerState{"web", VmState::kActive}).has_value());
  EXPECT_EQ(state(), "active/");
  deliver(RegisterHosts{{}, {{"h1", {server.uuid, 1}, PowerState::kShutdown, true}}, true});  // its next audit
  EXPECT_EQ(state(), "active/powering-off");
}

TEST_F(ServerRequestsTest, OneThatIsBuiltIsGivenUp) {
  Instance building = create("slow");
  deliver(report(building, BuildResult::kProgress, "h2"));
  transport->clear();
  ASSERT_TRUE(call(ResetServerState{"slow", VmState::kError}).has_value());
  const Instance& now = *row(building.uuid);
  EXPECT_EQ(now.vm_state, VmState::kError);
  EXPECT_EQ(now.current.epoch, 2u);
  EXPECT_EQ(now.current.host, "");
  EXPECT_EQ(core->allocations().find({building.uuid, 1}), nullptr);
  ASSERT_EQ(answers().size(), 1u) << "its host is told that the try is over";
  InstanceReport late = report(building, BuildResult::kActive, "h2");
  late.placement.epoch = 1;
  deliver(late);
  EXPECT_EQ(answers().at(0).verdict, ReportAnswer::Verdict::kStale);
  EXPECT_THAT(refusal(GetConsoleOutput{"slow"}), HasSubstr("is not ready"));
}

TEST_F(ServerRequestsTest, APasswordIsATaskOfTheHost) {
  ASSERT_TRUE(call(ChangeServerPassword{"web"}).has_value());
  EXPECT_EQ(state(), "active/updating_password");
  EXPECT_THAT(told(), ElementsAre(ServerActionKind::kChangePassword));
  host_does(PowerState::kRunning);
  EXPECT_EQ(state(), "active/");
  EXPECT_EQ(actions()[0].action, "changePassword");
}

TEST_F(ServerRequestsTest, ACrashDumpIsMadeByTheHostAndLeavesNoTask) {
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kCrashDump}).has_value());
  EXPECT_EQ(state(), "active/");
  EXPECT_THAT(told(), ElementsAre(ServerActionKind::kCrashDump));
  EXPECT_EQ(actions()[0].action, "trigger_crash_dump");
  EXPECT_EQ(actions()[0].finished_at, WallTime{}) << "its host has not done it";
  host_does(PowerState::kRunning);
  EXPECT_NE(actions()[0].finished_at, WallTime{});
  EXPECT_FALSE(actions()[0].failed);
  EXPECT_EQ(state(), "active/");
}

TEST_F(ServerRequestsTest, ACrashDumpSaysNothingOfItsGuestsPower) {
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kCrashDump}).has_value());
  host_does(PowerState::kShutdown);
  EXPECT_EQ(row(server.uuid)->power_state, PowerState::kRunning) << "a server that should run is stopped, not left so";
  EXPECT_EQ(state(), "active/");
}

TEST_F(ServerRequestsTest, ACrashDumpThatFailsIsAFaultOfTheServer) {
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kCrashDump}).has_value());
  host_does(PowerState::kRunning, "no NMI");
  EXPECT_TRUE(actions()[0].failed);
  EXPECT_EQ(actions()[0].message, "no NMI");
  EXPECT_EQ(row(server.uuid)->fault.message, "no NMI") << "nova/compute/manager.py wrap_instance_fault";
  EXPECT_EQ(state(), "active/");
}

TEST_F(ServerRequestsTest, ACrashDumpIsToldAgainAfterARestart) {
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kCrashDump}).has_value());
  restart();
  connect_all();
  pass(options.report_interval * 2 + seconds(1));
  EXPECT_THAT(told(), ::testing::Contains(ServerActionKind::kCrashDump));
  host_does(PowerState::kRunning);
  EXPECT_NE(actions()[0].finished_at, WallTime{});
  transport->clear();
  pass(options.report_interval * 2 + seconds(1));
  EXPECT_TRUE(told().empty());
}

TEST_F(ServerRequestsTest, AnotherActionEndsACrashDump) {
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kCrashDump}).has_value());
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kStop}).has_value());
  EXPECT_EQ(actions()[1].action, "trigger_crash_dump");
  EXPECT_TRUE(actions()[1].failed);
  EXPECT_EQ(actions()[1].events.at(0).failed, true);
  host_does(PowerState::kShutdown);
  EXPECT_EQ(state(), "stopped/");
}

TEST_F(ServerRequestsTest, RescueAndBack) {
  EXPECT_THAT(refusal(RescueServer{"web", "nope"}), HasSubstr("image 'nope' not found"));
  ASSERT_TRUE(call(RescueServer{"web", "cirros"}).has_value());
  EXPECT_EQ(state(), "active/rescuing");
  host_does(PowerState::kRunning);
  EXPECT_EQ(state(), "rescued/");
  EXPECT_THAT(refusal(ServerAction{"web", ServerActionKind::kStop}), HasSubstr("vm_state rescued"));
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kUnrescue}).has_value());
  host_does(PowerState::kRunning, "it does not boot");
  EXPECT_EQ(state(), "error/") << "as Nova leaves it";
  EXPECT_EQ(row(server.uuid)->current.host, "h1");
}

TEST_F(ServerRequestsTest, ARebuildGoesThroughItsStages) {
  auto reply = call(RebuildServer{
      .server = "web", .image = "cirros", .name = "new", .replaces_metadata = true, .metadata = {{"a", "b"}}});
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(get<ServerList>(*reply).servers.at(0).name, "new");
  EXPECT_EQ(get<ServerList>(*reply).properties.at(0).metadata.size(), 1u);
  EXPECT_EQ(state(), "active/rebuilding");
  host_does(PowerState::kShutdown);
  EXPECT_EQ(state(), "active/rebuild_block_device_mapping");
  restart();
  connect_compute(2, {{"h1", {server.uuid, 1}, PowerState::kShutdown, true}});
  EXPECT_EQ(told().back(), ServerActionKind::kRebuildDisks) << "told again after a restart";
  host_does(PowerState::kShutdown);
  EXPECT_EQ(state(), "active/rebuild_spawning");
  host_does(PowerState::kRunning);
  EXPECT_EQ(state(), "active/");
  EXPECT_EQ(row(server.uuid)->current.epoch, 1u) << "it is where it was";
  EXPECT_EQ(actions()[0].action, "rebuild");
  EXPECT_FALSE(actions()[0].failed);
}

TEST_F(ServerRequestsTest, WhatWasStoppedIsStoppedAgain) {
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kStop}).has_value());
  host_does(PowerState::kShutdown);
  ASSERT_TRUE(call(RebuildServer{.server = "web"}).has_value());
  host_does(PowerState::kShutdown);
  host_does(PowerState::kShutdown);
  host_does(PowerState::kRunning);
  EXPECT_EQ(state(), "active/powering-off");
  host_does(PowerState::kShutdown);
  EXPECT_EQ(state(), "stopped/");
}

TEST_F(ServerRequestsTest, ARebuildThatIsRefusedChangesNothing) {
  const Instance before = *row(server.uuid);
  EXPECT_THAT(refusal(RebuildServer{.server = "web", .image = "nope"}), HasSubstr("image 'nope' not found"));
  EXPECT_THAT(refusal(RebuildServer{.server = "web", .sets_key_name = true, .key_name = "nope"}),
              HasSubstr("key pair 'nope' not found"));
  EXPECT_EQ(*row(server.uuid), before);
  ASSERT_TRUE(call(LockServer{.server = "web"}).has_value());
  EXPECT_THAT(refusal(RebuildServer{.server = "web"}, member()), HasSubstr("is locked"));
}

TEST_F(ServerRequestsTest, AnImageIsActiveWhenItIsUploaded) {
  ASSERT_TRUE(call(LockServer{.server = "web"}).has_value());
  auto reply = call(CreateServerImage{"web", "snap", {{"a", "b"}}}, member());
  ASSERT_TRUE(reply.has_value()) << "a lock does not keep from it";
  const Image made = get<ImageList>(*reply).images.at(0);
  EXPECT_EQ(made.status, "queued");
  EXPECT_THAT(made.properties, ::testing::Contains(MetadataItem{"instance_uuid", to_string(server.uuid)}));
  EXPECT_THAT(refusal(CreateServers{.name = "x", .flavor = "m1.tiny", .image = "snap"}), HasSubstr("is not active"));
  std::vector<std::string> states{state()};
  for (int stage = 0; stage < 4; ++stage) {
    host_does(PowerState::kRunning);
    states.push_back(state());
  }
  EXPECT_THAT(states, ElementsAre("active/image_snapshot_pending", "active/image_snapshot",
                                  "active/image_pending_upload", "active/image_uploading", "active/"));
  ASSERT_EQ(images().size(), 1u);
  EXPECT_EQ(images()[0].status, "active");
  EXPECT_EQ(actions()[0].action, "createImage");
  restart();
  ASSERT_EQ(images().size(), 1u);
  EXPECT_EQ(images()[0].status, "active");
}

TEST_F(ServerRequestsTest, AnImageThatFailsIsGone) {
  ASSERT_TRUE(call(CreateServerImage{"web", "snap", {}}).has_value());
  host_does(PowerState::kRunning, "no room");
  EXPECT_EQ(state(), "active/");
  EXPECT_TRUE(images().empty());
  EXPECT_TRUE(actions()[0].failed);
}

TEST_F(ServerRequestsTest, AnImageOfADeletedServerIsGone) {
  ASSERT_TRUE(call(CreateServerImage{"web", "snap", {}}).has_value());
  host_does(PowerState::kRunning);
  ASSERT_TRUE(call(DeleteServer{"web"}).has_value());
  EXPECT_TRUE(images().empty());
  ASSERT_TRUE(call(CreateServerImage{"x", "snap", {}}).error().code == ErrorCode::kNotFound);
}

TEST_F(ServerRequestsTest, AResetEndsAnImageToo) {
  ASSERT_TRUE(call(CreateServerImage{"web", "snap", {}}).has_value());
  ASSERT_TRUE(call(ResetServerState{"web", VmState::kActive}).has_value());
  EXPECT_TRUE(images().empty());
}

TEST_F(ServerRequestsTest, AnImageThatItsUserDeletesMeanwhileStaysSo) {
  auto reply = call(CreateServerImage{"web", "snap", {}});
  ASSERT_TRUE(call(DeleteImage{to_string(get<ImageList>(*reply).images.at(0).id)}).has_value());
  for (int stage = 0; stage < 4; ++stage) host_does(PowerState::kRunning);
  EXPECT_EQ(state(), "active/");
  EXPECT_TRUE(images().empty());
}

TEST_F(ServerRequestsTest, BackupsAreRotated) {
  const Image first = make_backup("one", 2);
  pass(seconds(1));
  const Image second = make_backup("two", 2);
  pass(seconds(1));
  EXPECT_EQ(images().size(), 2u);
  const Image third = make_backup("three", 2);
  ASSERT_EQ(images().size(), 2u);
  for (const Image& image : images()) {
    EXPECT_NE(image.id, first.id) << "the oldest went";
    EXPECT_EQ(image.status, "active");
  }
  make_backup("none", 0);
  EXPECT_TRUE(images().empty()) << "none of this type is left, not even that one";
}

TEST_F(ServerRequestsTest, WhatTheStoreRefusesIsNotThere) {
  disk.fail_next({ErrorCode::kUnavailable, "full"});
  EXPECT_THAT(refusal(CreateServerImage{"web", "snap", {}}), HasSubstr("the store refused"));
  EXPECT_TRUE(images().empty());
  EXPECT_TRUE(told().empty());
  EXPECT_EQ(state(), "active/");
}

TEST_F(ServerRequestsTest, ConsolesAndNumbersOfAGuest) {
  auto log = call(GetConsoleOutput{"web", 1});
  ASSERT_TRUE(log.has_value());
  EXPECT_EQ(get<ConsoleOutput>(*log).output, "web login: ");
  auto url = call(GetConsoleUrl{"web", "novnc"});
  ASSERT_TRUE(url.has_value());
  EXPECT_THAT(get<ConsoleUrl>(*url).url, HasSubstr("http://127.0.0.1:6080/vnc_auto.html?path=%3Ftoken%3D"));
  EXPECT_EQ(refusal(GetConsoleUrl{"web", "spice-html5"}), "Unavailable console type spice-html5.");
  ASSERT_TRUE(call(GetServerDiagnostics{"web"}).has_value());
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kStop}).has_value());
  host_does(PowerState::kShutdown);
  EXPECT_THAT(refusal(GetServerDiagnostics{"web"}), HasSubstr("in power state shutdown"));
}

}  // namespace
}  // namespace kilonova::controller
