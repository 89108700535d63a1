// Silence, restarts and deletes: what the controller drives on when messages and daemons are lost.
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

using RecoveryTest = ControllerTest;

TEST_F(RecoveryTest, ATryThatNoHostListsIsCastAgainWithoutCostingAnAttempt) {
  connect_all();
  Instance server = create();
  transport->take<SelectDestinations>();
  deliver(SchedulerHeartbeat{1, 1, 0}, kScheduler);
  for (int i = 0; i < 4; ++i) {
    pass(seconds(10));
    heartbeat({});
  }
  ASSERT_NE(row(server.uuid), nullptr);
  EXPECT_EQ(row(server.uuid)->current.epoch, 2u);
  EXPECT_EQ(row(server.uuid)->attempt, 1u);
  EXPECT_EQ(transport->count<SelectDestinations>(), 1u);
}

TEST_F(RecoveryTest, ASlowBuildIsNeverGivenUp) {
  connect_all();
  Instance server = create();
  deliver(SchedulerHeartbeat{1, 1, 0}, kScheduler);
  for (int i = 0; i < 100; ++i) {
    heartbeat({{"h1", {server.uuid, 1}}});
    pass(seconds(10));
  }
  EXPECT_EQ(row(server.uuid)->current.epoch, 1u);
  make_active(server);
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
}

TEST_F(RecoveryTest, ATryThatItsHostStopsListingIsLostAndCostsAnAttempt) {
  connect_all();
  Instance server = create();
  heartbeat({{"h1", {server.uuid, 1}}});
  heartbeat({});
  EXPECT_EQ(row(server.uuid)->current.epoch, 2u);
  EXPECT_EQ(row(server.uuid)->attempt, 2u);
}

// Found by the simulation (seed 3509), from a process that lied.
TEST_F(RecoveryTest, AServerInErrorHasAFaultAlsoWhereItsHostGaveNone) {
  connect_all();
  Instance server = create();
  InstanceReport failed = report(server, BuildResult::kFailed);
  failed.fault = {};
  deliver(std::move(failed));
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kError);
  EXPECT_EQ(row(server.uuid)->fault.message, "No reason was given.");
}

TEST_F(RecoveryTest, AHostThatFallsSilentLosesItsTries) {
  connect_all();
  Instance server = create();
  heartbeat({{"h2", {server.uuid, 1}}});
  transport->disconnect(*core, kCompute);
  pass(seconds(59));
  EXPECT_EQ(row(server.uuid)->current.epoch, 1u);
  pass(seconds(3));
  EXPECT_EQ(row(server.uuid)->current.epoch, 2u);
  bool told_down = false;
  for (const HostStatuses& statuses : transport->all_to<HostStatuses>(kScheduler))
    for (const HostStatus& status : statuses.hosts) told_down |= !status.up;
  EXPECT_TRUE(told_down);
}

TEST_F(RecoveryTest, ARestartTakesUpWhatWasBuilding) {
  connect_all();
  Instance server = create();
  restart();
  connect_all();
  EXPECT_EQ(row(server.uuid)->current.epoch, 1u);
  for (int i = 0; i < 4; ++i) {
    pass(seconds(10));
    heartbeat({});
  }
  EXPECT_EQ(row(server.uuid)->current.epoch, 2u);
  EXPECT_EQ(transport->count<SelectDestinations>(), 1u);
  make_active(server);
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
}

TEST_F(RecoveryTest, AfterARestartCastsWaitForTheHosts) {
  connect_all();
  restart();
  transport->connect(*core, kNetwork, lives);
  transport->deliver(*core, kNetwork, NetworksSnapshot{});
  transport->connect(*core, kScheduler, 1);
  transport->connect(*core, kApi, 1);
  create();
  EXPECT_EQ(transport->count<SelectDestinations>(), 0u);
  connect_compute(1);
  EXPECT_EQ(transport->count<SelectDestinations>(), 1u);
}

TEST_F(RecoveryTest, AfterARestartCastsDoNotWaitForEver) {
  connect_all();
  restart();
  transport->connect(*core, kNetwork, lives);
  transport->deliver(*core, kNetwork, NetworksSnapshot{});
  transport->connect(*core, kScheduler, 1);
  transport->connect(*core, kApi, 1);
  create();
  pass(seconds(62));
  EXPECT_EQ(transport->count<SelectDestinations>(), 1u);
}

TEST_F(RecoveryTest, ABuildWhoseHostNeverComesBackAfterARestartIsLost) {
  connect_all();
  Instance server = create();
  deliver(report(server, BuildResult::kProgress));
  restart();
  transport->connect(*core, kScheduler, 1);
  pass(seconds(65));
  EXPECT_GE(row(server.uuid)->current.epoch, 2u);
  EXPECT_EQ(row(server.uuid)->attempt, 2u);
}

TEST_F(RecoveryTest, ACastThatNoSchedulerHadRoomForIsTriedAgain) {
  connect_all();
  transport->set_refusing(kScheduler, true);
  create();
  EXPECT_EQ(transport->count<SelectDestinations>(), 0u);
  transport->set_refusing(kScheduler, false);
  pass(seconds(2));
  EXPECT_EQ(transport->count<SelectDestinations>(), 1u);
}

TEST_F(RecoveryTest, ADeleteDoesNotWaitForTheAddressesOfAGuestThatWasFound) {
  connect_all();
  Instance server = create();
  connect_compute(2, {{"h1", {server.uuid, 1}, PowerState::kRunning, true}});
  EXPECT_EQ(transport->count<AllocateAddresses>(), 1u);
  EXPECT_TRUE(call(DeleteServer{"web", false}).has_value());
}

// The number of the last call for addresses; 0 when there was none.
uint64_t last_allocation(testing::FakeTransport& transport) {
  uint64_t call = 0;
  for (const auto& sent : transport.sent())
    if (holds_alternative<AllocateAddresses>(sent.message.body)) call = sent.message.call;
  return call;
}

AllocateAddressesReply allocated(const Instance& server) {
  Address address;
  address.ip = Ipv4{0x0a000002};
  return {{server.uuid, 1}, {address}, {}, {{}, ""}};
}

TEST_F(RecoveryTest, AGuestThatFinishedUnheardIsNoLostTry) {
  connect_all();
  Instance server = create();
  InstanceReport progress = report(server, BuildResult::kProgress);
  progress.step = LaunchStep::kGuestDefined;
  deliver(progress);
  connect_compute(2, {{"h1", {server.uuid, 1}, PowerState::kRunning, true}});
  EXPECT_EQ(row(server.uuid)->current.epoch, 1u);
  uint64_t call = last_allocation(*transport);
  ASSERT_NE(call, 0u);
  transport->deliver(*core, kNetwork, allocated(server), call);
  settle();
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
  EXPECT_EQ(row(server.uuid)->current.epoch, 1u);
  EXPECT_TRUE(answers().empty());
}

// Its delete was lost with the end of the store; its host has just done it.
TEST_F(RecoveryTest, AGuestThatWasRemovedMeanwhileIsNotFound) {
  connect_all();
  Instance server = create();
  connect_compute(2, {{"h1", {server.uuid, 1}, PowerState::kRunning, true}});
  const uint64_t call = last_allocation(*transport);
  deliver(InstanceTerminated{"h1", {server.uuid, 2}});
  transport->deliver(*core, kNetwork, allocated(server), call);
  settle();
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kBuilding);
  heartbeat({});
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kBuilding);
  EXPECT_EQ(row(server.uuid)->current.epoch, 3u) << "above that of the delete";
}

TEST_F(RecoveryTest, AHostIsToldOfTheTryThatWasGivenUp) {
  connect_all();
  Instance server = create();
  heartbeat({{"h1", {server.uuid, 1}}});
  answers();
  heartbeat({});
  auto given = answers();
  ASSERT_EQ(given.size(), 1u);
  EXPECT_EQ(given[0], (ReportAnswer{"h1", {server.uuid, 1}, ReportAnswer::Verdict::kStale}));
}

TEST_F(RecoveryTest, AGuestThatWasFoundIsNotGivenUpWhileItsAddressesAreAskedFor) {
  connect_all();
  Instance server = create();
  deliver(report(server, BuildResult::kProgress));
  connect_compute(2, {{"h1", {server.uuid, 1}, PowerState::kRunning, true}});
  for (int i = 0; i < 5; ++i) {
    pass(seconds(10));
    heartbeat({});
  }
  EXPECT_EQ(row(server.uuid)->current.epoch, 1u);
  for (int i = 0; i < 2; ++i) {
    pass(seconds(10));
    heartbeat({});
  }
  EXPECT_EQ(row(server.uuid)->current.epoch, 2u);
  auto given = answers();
  ASSERT_FALSE(given.empty());
  for (const ReportAnswer& answer : given)
    EXPECT_EQ(answer, (ReportAnswer{"h1", {server.uuid, 1}, ReportAnswer::Verdict::kStale}));
}

TEST_F(RecoveryTest, AGuestThatWasFoundAndIsGoneWithTheNextLifeOfItsProcessIsGivenUp) {
  connect_all();
  Instance server = create();
  connect_compute(2, {{"h1", {server.uuid, 1}, PowerState::kRunning, true}});
  EXPECT_EQ(row(server.uuid)->current.epoch, 1u);
  connect_compute(3);
  EXPECT_EQ(row(server.uuid)->current.epoch, 2u);
}

TEST_F(RecoveryTest, AGuestThatIsDeletedWhileItsAddressesAreAskedForIsToBeDestroyed) {
  connect_all();
  Instance server = create();
  connect_compute(2, {{"h1", {server.uuid, 1}, PowerState::kRunning, true}});
  uint64_t call = last_allocation(*transport);
  ASSERT_NE(call, 0u);
  answers();
  ASSERT_TRUE(this->call(DeleteServer{"web", false}).has_value());
  transport->deliver(*core, kNetwork, allocated(server), call);
  settle();
  auto given = answers();
  ASSERT_EQ(given.size(), 1u);
  EXPECT_EQ(given[0].verdict, ReportAnswer::Verdict::kStale);
}

TEST_F(RecoveryTest, AGuestWhoseAddressesCannotBeHadIsRebuiltAndToBeDestroyed) {
  connect_all();
  Instance server = create();
  connect_compute(2, {{"h1", {server.uuid, 1}, PowerState::kRunning, true}});
  uint64_t call = last_allocation(*transport);
  ASSERT_NE(call, 0u);
  answers();
  transport->deliver(*core, kNetwork,
                     AllocateAddressesReply{{server.uuid, 1}, {}, {}, {ErrorCode::kResourceExhausted, "none left"}},
                     call);
  settle();
  EXPECT_EQ(row(server.uuid)->current.epoch, 2u);
  auto given = answers();
  ASSERT_FALSE(given.empty());
  for (const ReportAnswer& answer : given) EXPECT_EQ(answer.verdict, ReportAnswer::Verdict::kStale);
}

TEST_F(RecoveryTest, TheAddressesOfAGuestThatWasFoundAreAskedForAgain) {
  connect_all();
  Instance server = create();
  connect_compute(2, {{"h1", {server.uuid, 1}, PowerState::kRunning, true}});
  EXPECT_EQ(transport->count<AllocateAddresses>(), 1u);
  pass(seconds(5));
  EXPECT_EQ(transport->count<AllocateAddresses>(), 2u);
  transport->deliver(*core, kNetwork, allocated(server), last_allocation(*transport));
  settle();
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
}

TEST_F(RecoveryTest, AGuestThatFinishedUnheardBecomesActiveWithItsAddresses) {
  connect_all();
  Instance server = create();
  connect_compute(2, {{"h1", {server.uuid, 1}, PowerState::kRunning, true}});
  transport->deliver(*core, kNetwork, allocated(server), last_allocation(*transport));
  settle();
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
  EXPECT_EQ(row(server.uuid)->current.addresses.size(), 1u);
}

TEST_F(RecoveryTest, AGuestOfAnOldEpochIsToBeDestroyed) {
  connect_all();
  Instance server = create();
  deliver(report(server, BuildResult::kRescheduled));
  answers();
  connect_compute(2, {{"h1", {server.uuid, 1}, PowerState::kRunning, true}});
  auto given = answers();
  ASSERT_EQ(given.size(), 1u);
  EXPECT_EQ(given[0].verdict, ReportAnswer::Verdict::kStale);
}

TEST_F(RecoveryTest, ADeleteWaitsForBothConfirmations) {
  connect_all();
  Instance server = create();
  make_active(server);
  ASSERT_TRUE(call(DeleteServer{"web", false}).has_value());
  EXPECT_EQ(row(server.uuid)->task_state, TaskState::kDeleting);
  EXPECT_EQ(row(server.uuid)->current.epoch, 2u);
  ASSERT_EQ(transport->all_to<TerminateInstance>(kCompute).size(), 1u);
  ASSERT_EQ(transport->all_to<ReleaseAddresses>(kNetwork).size(), 1u);
  deliver(AddressesReleased{{server.uuid, 2}}, kNetwork);
  ASSERT_NE(row(server.uuid), nullptr);
  deliver(InstanceTerminated{"h1", {server.uuid, 2}});
  EXPECT_EQ(row(server.uuid), nullptr);
  EXPECT_EQ(core->allocations().size(), 0u);
  EXPECT_EQ(get<QuotaReply>(*call(GetQuota{})).usage, QuotaUsage{});
}

TEST_F(RecoveryTest, ADeleteIsSaidAgainUntilItIsConfirmed) {
  connect_all();
  Instance server = create();
  make_active(server);
  ASSERT_TRUE(call(DeleteServer{"web", false}).has_value());
  transport->clear();
  for (int i = 0; i < 3; ++i) {
    pass(seconds(10));
    heartbeat({});
  }
  EXPECT_GE(transport->count<TerminateInstance>(), 2u);
  EXPECT_GE(transport->count<ReleaseAddresses>(), 2u);
}

TEST_F(RecoveryTest, ADeleteDoesNotWaitForAHostThatIsDown) {
  connect_all();
  Instance server = create();
  make_active(server);
  transport->disconnect(*core, kCompute);
  pass(seconds(61));
  ASSERT_TRUE(call(DeleteServer{"web", false}).has_value());
  deliver(AddressesReleased{{server.uuid, 2}}, kNetwork);
  EXPECT_EQ(row(server.uuid), nullptr);
}

// A process that was frozen comes back with its memory and registers nothing: the link has kept for it what it was told.
TEST_F(RecoveryTest, AHostThatIsDownIsToldOfADeleteAllTheSame) {
  connect_all();
  Instance server = create();
  make_active(server);
  pass(seconds(61));
  ASSERT_TRUE(call(DeleteServer{"web", false}).has_value());
  EXPECT_EQ(transport->count<TerminateInstance>(), 1u);
  deliver(AddressesReleased{{server.uuid, 2}}, kNetwork);
  EXPECT_EQ(row(server.uuid), nullptr);
  deliver(InstanceTerminated{"h1", {server.uuid, 2}});
}

TEST_F(RecoveryTest, ADeleteWhoseHostGoesDownIsFinished) {
  connect_all();
  Instance server = create();
  make_active(server);
  ASSERT_TRUE(call(DeleteServer{"web", false}).has_value());
  deliver(AddressesReleased{{server.uuid, 2}}, kNetwork);
  transport->disconnect(*core, kCompute);
  pass(seconds(90));
  EXPECT_EQ(row(server.uuid), nullptr);
}

TEST_F(RecoveryTest, ADeleteGoesOnAfterARestart) {
  connect_all();
  Instance server = create();
  make_active(server);
  ASSERT_TRUE(call(DeleteServer{"web", false}).has_value());
  restart();
  connect_all();
  EXPECT_GE(transport->count<TerminateInstance>(), 1u);
  deliver(InstanceTerminated{"h1", {server.uuid, 2}});
  deliver(AddressesReleased{{server.uuid, 2}}, kNetwork);
  EXPECT_EQ(row(server.uuid), nullptr);
}

TEST_F(RecoveryTest, ADeleteWhoseLastCommitFailsIsFinishedLater) {
  connect_all();
  Instance server = create();
  make_active(server);
  ASSERT_TRUE(call(DeleteServer{"web", false}).has_value());
  deliver(AddressesReleased{{server.uuid, 2}}, kNetwork);
  disk.fail_next({ErrorCode::kUnavailable, "disk full"});
  deliver(InstanceTerminated{"h1", {server.uuid, 2}});
  ASSERT_NE(row(server.uuid), nullptr);
  pass(seconds(12));
  EXPECT_EQ(row(server.uuid), nullptr);
}

TEST_F(RecoveryTest, AResultAfterTheDeleteIsStale) {
  connect_all();
  Instance server = create();
  InstanceReport late = report(server, BuildResult::kActive);
  ASSERT_TRUE(call(DeleteServer{"web", false}).has_value());
  answers();
  deliver(late);
  auto given = answers();
  ASSERT_EQ(given.size(), 1u);
  EXPECT_EQ(given[0].verdict, ReportAnswer::Verdict::kStale);
}

TEST_F(RecoveryTest, PowerActionsAreOperationsWithinTheEpoch) {
  connect_all();
  Instance server = create();
  make_active(server);
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kStop}).has_value());
  auto told = transport->take<ApplyServerAction>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].operation, 1u);
  EXPECT_EQ(call(ServerAction{"web", ServerActionKind::kReboot}).error().code, ErrorCode::kConflict);
  deliver(ServerActionDone{"h1", {server.uuid, 1}, 1, PowerState::kShutdown, {{}, ""}});
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kStopped);
  EXPECT_EQ(row(server.uuid)->current.epoch, 1u);
  deliver(ServerActionDone{"h1", {server.uuid, 1}, 0, PowerState::kRunning, {{}, ""}});
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kStopped);
}

TEST_F(RecoveryTest, AuditsNameWhatNobodyOwns) {
  connect_all();
  Instance server = create();
  make_active(server);
  deliver(OwnershipQuery{{{server.uuid, 1}, {Uuid{{7}}, 1}, {server.uuid, 0}}});
  auto answers = transport->take<OwnershipAnswer>();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].orphans, (std::vector<PlacementId>{{Uuid{{7}}, 1}, {server.uuid, 0}}));
}

TEST_F(RecoveryTest, AuditsSayInWhichPowerStateGuestsAre) {
  connect_all();
  Instance server = create();
  make_active(server);
  auto audit = [&](uint64_t power) {
    deliver(OwnershipQuery{.held = {{server.uuid, 1}}, .digests = {power}});
    settle();
    return row(server.uuid)->power_state;
  };
  EXPECT_EQ(audit(static_cast<uint64_t>(PowerState::kPaused)), PowerState::kPaused);
  EXPECT_EQ(audit(static_cast<uint64_t>(PowerState::kRunning)), PowerState::kRunning);
  EXPECT_EQ(audit(2), PowerState::kRunning) << "no power state of Nova's";
  EXPECT_EQ(audit(UINT64_MAX), PowerState::kRunning);
  EXPECT_EQ(audit(static_cast<uint64_t>(PowerState::kShutdown)), PowerState::kRunning);
  EXPECT_EQ(row(server.uuid)->task_state, TaskState::kPoweringOff) << "one that should run is stopped";
}

// A page that another project's events fill is not the last one.
TEST_F(RecoveryTest, AProjectsEventsAreFoundBehindThoseOfOthers) {
  connect_all();
  for (int i = 0; i < 5; ++i) create("theirs");
  RequestContext mine = admin();
  mine.role = UserRole::kMember;
  mine.project_id = core->records().find_project("demo")->id;
  ASSERT_TRUE(call(create_request("mine-1"), mine).has_value());
  create("theirs");
  ASSERT_TRUE(call(create_request("mine-2"), mine).has_value());
  std::vector<std::string> names;
  for (uint64_t since = 0;;) {
    auto page = get<EventList>(*call(ReadEvents{since, 1, false}, mine));
    if (page.events.empty()) break;
    ASSERT_EQ(page.events.size(), 1u);
    EXPECT_GT(page.events[0].revision, since);
    since = page.events[0].revision;
    names.push_back(page.events[0].name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"mine-1", "mine-2"}));
}

TEST_F(RecoveryTest, ServicesListEveryDaemonAndTheControllerItself) {
  connect_all();
  transport->disconnect(*core, kScheduler);
  std::map<PeerId, bool> connected;
  for (const ServiceView& view : get<ServiceList>(*call(ListServices{})).services)
    connected[view.peer] = view.connected;
  EXPECT_EQ(
      connected,
      (std::map<PeerId, bool>{
          {{Role::kController, 0}, true}, {kScheduler, false}, {kNetwork, true}, {kCompute, true}, {kApi, true}}));
}

TEST_F(RecoveryTest, WatchEventsAreGapFreeInTheirOrder) {
  connect_all();
  transport->take<WatchEvents>();
  Instance server = create();
  make_active(server);
  ASSERT_TRUE(call(DeleteServer{"web", false}).has_value());
  uint64_t last = 0;
  for (const WatchEvents& events : transport->take<WatchEvents>()) {
    EXPECT_EQ(events.after, last);
    for (const WatchEvent& event : events.events) {
      EXPECT_GT(event.revision, last);
      last = event.revision;
    }
  }
  EXPECT_EQ(last, 3u);
}

}  // namespace
}  // namespace kilonova::controller
