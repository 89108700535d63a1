// A launch as the controller sees it: steps 2, 3 and 13, and every way in which a try can end.
#include "controller/core/transitions.h"
#include "domain/api.h"
#include "domain/nouns/fault_rule.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/nouns/service.h"
#include "domain/port_list.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

using LaunchTest = ControllerTest;
using Verdict = ReportAnswer::Verdict;

TEST_F(LaunchTest, AnswersOnlyWhatIsCommitted) {
  connect_all();
  disk.commit_latency = milliseconds(50);
  transport->deliver(*core, kApi, ApiCall{admin(), {}, create_request()}, 77);
  settle();
  EXPECT_EQ(transport->count<ApiReply>(), 0u);
  EXPECT_EQ(core->instances().size(), 0u);
  EXPECT_EQ(transport->count<SelectDestinations>(), 0u);
  pass(milliseconds(60));
  EXPECT_EQ(transport->count<ApiReply>(), 1u);
  EXPECT_EQ(core->instances().size(), 1u);
  EXPECT_EQ(transport->count<SelectDestinations>(), 1u);
}

TEST_F(LaunchTest, AdmissionCountsWhatIsBeingCommitted) {
  options.max_unstable_instances = 3;
  restart();
  connect_all();
  disk.commit_latency = milliseconds(50);
  for (uint64_t id = 1; id <= 5; ++id)
    transport->deliver(*core, kApi, ApiCall{admin(), {}, create_request("n" + std::to_string(id))}, 100 + id);
  pass(milliseconds(100));
  EXPECT_EQ(core->instances().size(), 3u);
  auto refused = call(create_request("late"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
}

TEST_F(LaunchTest, CastsToTheSchedulersIncarnationWithStepsOneToThree) {
  connect_all();
  Instance server = create();
  auto casts = transport->all_to<SelectDestinations>(kScheduler);
  ASSERT_EQ(casts.size(), 1u);
  EXPECT_EQ(casts[0].scheduler, 1u);
  EXPECT_EQ(casts[0].cast_number, 1u);
  ASSERT_EQ(casts[0].requests.size(), 1u);
  EXPECT_EQ(casts[0].requests[0].placement, (PlacementId{server.uuid, 1}));
  ASSERT_EQ(casts[0].requests[0].steps.size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(static_cast<size_t>(casts[0].requests[0].steps[i].step), i + 1);
}

// A cast has one specification for all of its servers.
TEST_F(LaunchTest, ServersWithPortsOfTheirOwnAreCastOneByOne) {
  connect_all();
  CreateServers request = create_request();
  request.min_count = 1;
  request.max_count = 2;
  const std::vector<Uuid> ports{Uuid{{1}}, Uuid{{2}}};
  request.networks = {network_of_ports(ports), "private"};
  auto made = call(request);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  const auto servers = get<CreateServersReply>(*made).servers;
  ASSERT_EQ(servers.size(), 2u);
  auto casts = transport->all_to<SelectDestinations>(kScheduler);
  ASSERT_EQ(casts.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    ASSERT_EQ(casts[i].requests.size(), 1u);
    EXPECT_EQ(casts[i].requests[0].placement.instance, servers[i].uuid);
    EXPECT_EQ(casts[i].requests[0].steps.size(), 3u);
    ASSERT_EQ(casts[i].spec.networks.size(), 2u);
    EXPECT_EQ(casts[i].spec.networks[0], ports[i]);
    EXPECT_EQ(row(servers[i].uuid)->spec.networks, casts[i].spec.networks);
  }
  EXPECT_EQ(casts[0].spec.networks[1], casts[1].spec.networks[1]);
}

TEST_F(LaunchTest, EachServerNeedsAPortOfItsOwn) {
  connect_all();
  CreateServers request = create_request();
  request.max_count = 3;
  request.networks = {network_of_ports(std::vector{Uuid{{1}}, Uuid{{2}}})};
  auto made = call(request);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(made.error().message, "2 ports are named for 3 servers: each needs one of its own");
  EXPECT_EQ(core->instances().size(), 0u);
}

TEST_F(LaunchTest, BecomesActiveWithItsRecord) {
  connect_all();
  Instance server = create();
  make_active(server);
  ASSERT_NE(row(server.uuid), nullptr);
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
  EXPECT_EQ(row(server.uuid)->current.host, "h1");
  EXPECT_NE(row(server.uuid)->launched_at, WallTime{});
  EXPECT_EQ(core->allocations().of_host("h1").instances, 1u);
  auto given = answers();
  ASSERT_EQ(given.size(), 1u);
  EXPECT_EQ(given[0].verdict, Verdict::kAccepted);
  auto record = call(GetLaunchRecord{server.name, false});
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(get<LaunchRecord>(*record).steps.back().step, LaunchStep::kActive);
  EXPECT_EQ(get<LaunchRecord>(*record).decisions.size(), 1u);
}

TEST_F(LaunchTest, RefusedClaimsAreCounted) {
  connect_all();
  Instance server = create();
  InstanceReport refused = report(server, BuildResult::kRescheduled);
  refused.step = LaunchStep::kNone;
  refused.fault = {ErrorCode::kResourceExhausted, "Insufficient compute resources"};
  deliver(refused);
  deliver(refused);  // a repeat of the same
  server.current.epoch = 2;
  InstanceReport full_disk = report(server, BuildResult::kRescheduled, "h2");
  full_disk.step = LaunchStep::kNone;
  full_disk.fault = {ErrorCode::kUnavailable, "the journal cannot be written"};
  deliver(full_disk);
  EXPECT_EQ(row(server.uuid)->attempt, 3u);
  auto status = call(GetCloudStatus{});
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(get<CloudStatus>(*status).claim_conflicts, 1u);
}

TEST_F(LaunchTest, ARepeatedResultIsAnsweredAgainAndChangesNothing) {
  connect_all();
  Instance server = create();
  InstanceReport active = report(server, BuildResult::kActive);
  deliver(active);
  Instance before = *row(server.uuid);
  deliver(active);
  EXPECT_EQ(*row(server.uuid), before);
  EXPECT_EQ(answers().size(), 2u);
}

TEST_F(LaunchTest, ProgressBindsTheHostAndNeverGoesBack) {
  connect_all();
  Instance server = create();
  InstanceReport progress = report(server, BuildResult::kProgress);
  progress.step = LaunchStep::kBlockDevicesMapped;
  deliver(progress);
  EXPECT_EQ(row(server.uuid)->current.host, "h1");
  EXPECT_EQ(row(server.uuid)->task_state, TaskState::kSpawning);
  progress.step = LaunchStep::kClaimed;
  deliver(progress);
  EXPECT_EQ(row(server.uuid)->current.step, LaunchStep::kBlockDevicesMapped);
  EXPECT_TRUE(answers().empty());
}

TEST_F(LaunchTest, ALaunchUnderWayIsAnsweredWithWhatItsHostTold) {
  connect_all();
  Instance server = create();
  const uint64_t revision = get<CloudStatus>(*call(GetCloudStatus{})).revision;
  InstanceReport progress = report(server, BuildResult::kProgress);
  progress.step = LaunchStep::kNone;  // it only waits
  progress.steps = {{.step = LaunchStep::kRunCast, .epoch = 1, .attempt = 1, .daemon = "scheduler-0"}};
  progress.decision.epoch = 1;
  progress.decision.driver = "filter";
  deliver(progress);
  EXPECT_EQ(get<CloudStatus>(*call(GetCloudStatus{})).revision, revision) << "what is on its way is not stored";
  LaunchRecord record = get<LaunchRecord>(*call(GetLaunchRecord{server.name, false}));
  EXPECT_EQ(record.decisions, std::vector<Decision>{progress.decision});
  EXPECT_EQ(record.steps.back(), progress.steps.back());
  InstanceReport active = report(server, BuildResult::kActive);
  active.steps = progress.steps;
  active.decision = progress.decision;
  deliver(active);
  record = get<LaunchRecord>(*call(GetLaunchRecord{server.name, false}));
  EXPECT_EQ(record.decisions.size(), 1u);
  EXPECT_EQ(record.steps.size(), 2u) << "5 and 13";
}

TEST_F(LaunchTest, TheSameEpochFromAnotherHostIsStale) {
  connect_all();
  Instance server = create();
  make_active(server, "h1");
  answers();
  make_active(server, "h2");
  auto given = answers();
  ASSERT_EQ(given.size(), 1u);
  EXPECT_EQ(given[0].verdict, Verdict::kStale);
  EXPECT_EQ(given[0].host, "h2");
  EXPECT_EQ(row(server.uuid)->current.host, "h1");
}

TEST_F(LaunchTest, ARescheduleCommitsTheNextEpochAndCastsWithTheAlternates) {
  connect_all();
  Instance server = create();
  transport->take<SelectDestinations>();
  deliver(report(server, BuildResult::kRescheduled, "h1"));
  EXPECT_EQ(row(server.uuid)->current.epoch, 2u);
  EXPECT_EQ(row(server.uuid)->attempt, 2u);
  EXPECT_EQ(row(server.uuid)->current.host, "");
  EXPECT_EQ(core->allocations().size(), 0u);
  auto casts = transport->take<SelectDestinations>();
  ASSERT_EQ(casts.size(), 1u);
  EXPECT_EQ(casts[0].alternates, (std::vector<std::string>{"h2", "h3"}));
  EXPECT_EQ(casts[0].excluded_hosts, std::vector<std::string>{"h1"});
  EXPECT_EQ(casts[0].requests[0].placement.epoch, 2u);
  EXPECT_EQ(answers().size(), 1u);
}

TEST_F(LaunchTest, EndsInErrorAfterMaxAttempts) {
  connect_all();
  Instance server = create();
  for (const char* host : {"h1", "h2", "h3"}) deliver(report(server, BuildResult::kRescheduled, host));
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kError);
  EXPECT_EQ(row(server.uuid)->fault.message, max_retries_message(server.uuid).substr(0, 255));
  EXPECT_EQ(row(server.uuid)->current.host, "");
  EXPECT_EQ(core->allocations().size(), 0u);
}

TEST_F(LaunchTest, AnAbortedBuildIsNotTriedAgain) {
  connect_all();
  Instance server = create();
  transport->take<SelectDestinations>();
  deliver(report(server, BuildResult::kFailed));
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kError);
  EXPECT_EQ(row(server.uuid)->fault.message, "it did not start");  // as the host worded it, nothing around it
  EXPECT_EQ(transport->count<SelectDestinations>(), 0u);
}

TEST_F(LaunchTest, NoValidHostIsAnErrorWithTheSchedulersReason) {
  connect_all();
  Instance server = create();
  Decision decision;
  decision.driver = "filter";
  deliver(NoValidHost{{{server.uuid, 1}}, "No valid host was found.", decision, {}}, kScheduler);
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kError);
  EXPECT_EQ(row(server.uuid)->fault.message, "No valid host was found.");
}

// Nova of 2011: the scheduler logged it, and that was all.
TEST_F(LaunchTest, OfTheArticlesEraAServerThatNoHostTakesStaysInScheduling) {
  options.leaves_unplaced = true;
  restart();
  connect_all();
  const Instance server = create();
  Decision decision;
  decision.driver = "chance";
  transport->clear();
  deliver(NoValidHost{{{server.uuid, 1}}, "No valid host was found.", decision, {}}, kScheduler);
  deliver(SchedulerHeartbeat{1, 1, 0, 0, 0, 0}, kScheduler);
  for (int i = 0; i < 30; ++i) {
    pass(seconds(10));
    heartbeat({});
  }
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kBuilding);
  EXPECT_EQ(row(server.uuid)->task_state, TaskState::kScheduling);
  EXPECT_EQ(row(server.uuid)->attempt, 1u);
  EXPECT_EQ(transport->count<SelectDestinations>(), 0u);
  ASSERT_TRUE(call(DeleteServer{"web"}).has_value());
  EXPECT_EQ(row(server.uuid)->task_state, TaskState::kDeleting);
}

TEST_F(LaunchTest, ALateNoValidHostChangesNothing) {
  connect_all();
  Instance server = create();
  deliver(report(server, BuildResult::kRescheduled));
  deliver(NoValidHost{{{server.uuid, 1}}, "No valid host was found.", {}, {}}, kScheduler);
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kBuilding);
}

TEST_F(LaunchTest, WaitsForASchedulerToConnect) {
  connect_all();
  transport->disconnect(*core, kScheduler);
  Instance server = create();
  EXPECT_EQ(transport->count<SelectDestinations>(), 0u);
  transport->connect(*core, kScheduler, 2);
  settle();
  auto casts = transport->all_to<SelectDestinations>(kScheduler);
  ASSERT_EQ(casts.size(), 1u);
  EXPECT_EQ(casts[0].scheduler, 2u);
  EXPECT_EQ(casts[0].requests[0].steps.size(), 3u);
}

TEST_F(LaunchTest, ARefusedCastGoesToTheNewIncarnation) {
  connect_all();
  Instance server = create();
  transport->take<SelectDestinations>();
  transport->connect(*core, kScheduler, 2);
  deliver(SelectDestinationsRefused{1, {{server.uuid, 1}}}, kScheduler);
  auto casts = transport->take<SelectDestinations>();
  ASSERT_EQ(casts.size(), 1u);
  EXPECT_EQ(casts[0].scheduler, 2u);
  EXPECT_EQ(casts[0].requests[0].placement.epoch, 1u);
}

TEST_F(LaunchTest, AFullDiskRefusesTheCreateAndTheControllerLivesOn) {
  connect_all();
  disk.fail_next({ErrorCode::kUnavailable, "disk full"});
  auto refused = call(create_request());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(core->instances().size(), 0u);
  EXPECT_EQ(get<QuotaReply>(*call(GetQuota{})).usage, QuotaUsage{});
  EXPECT_TRUE(call(create_request()).has_value());
}

TEST_F(LaunchTest, AReportWhoseCommitFailsIsNotAnswered) {
  connect_all();
  Instance server = create();
  disk.fail_next({ErrorCode::kUnavailable, "disk full"});
  make_active(server);
  EXPECT_TRUE(answers().empty());
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kBuilding);
  make_active(server);
  EXPECT_EQ(answers().size(), 1u);
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
}

TEST_F(LaunchTest, QuotaIsNeverExceededByConcurrentCreates) {
  connect_all();
  disk.commit_latency = milliseconds(20);
  for (uint64_t id = 1000; id < 1030; ++id)
    transport->deliver(*core, kApi, ApiCall{admin(), {}, create_request("s")}, id);
  pass(seconds(1));
  EXPECT_EQ(core->instances().size(), 10u);
  size_t refused = 0;
  for (const ApiReply& reply : transport->all<ApiReply>())
    if (!reply.result && reply.result.error().code == ErrorCode::kQuotaExceeded) ++refused;
  EXPECT_EQ(refused, 20u);
}

TEST_F(LaunchTest, AClientTokenGetsTheFirstAnswerAgain) {
  connect_all();
  CreateServers request = create_request();
  request.client_token = "once";
  auto first = get<CreateServersReply>(*call(request));
  auto second = get<CreateServersReply>(*call(request));
  EXPECT_EQ(first.servers.at(0).uuid, second.servers.at(0).uuid);
  EXPECT_EQ(first.reservation_id, second.reservation_id);
  request.name = "other";
  EXPECT_EQ(call(request).error().code, ErrorCode::kConflict);
  restart();
  connect_all();
  request.name = "web";
  EXPECT_EQ(get<CreateServersReply>(*call(request)).servers.at(0).uuid, first.servers.at(0).uuid);
}

class StruckLaunchTest : public LaunchTest {
 protected:
  void add(LaunchStep step, Duration delay, bool fails, bool aborts = false) {
    FaultRule rule;
    rule.step = step;
    rule.count = 1;
    rule.delay = delay;
    rule.fails = fails;
    rule.aborts = aborts;
    rule.message = "on purpose";
    auto added = call(AddFault{rule});
    ASSERT_TRUE(added.has_value()) << added.error().message;
  }
  int64_t struck() { return get<FaultList>(*call(ListFaults{})).rules.at(0).struck; }
};

TEST_F(StruckLaunchTest, AFaultOfStepOneOrTwoRefusesTheCallOnce) {
  connect_all();
  for (LaunchStep step : {LaunchStep::kRequestAccepted, LaunchStep::kInstanceCreated}) {
    const size_t before = core->instances().size();
    add(step, {}, true);
    auto refused = call(create_request("web", 3));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::kInternal);
    EXPECT_EQ(refused.error().message, "on purpose");
    EXPECT_EQ(struck(), 1);
    EXPECT_EQ(core->instances().size(), before);
    EXPECT_EQ(transport->count<SelectDestinations>(), 0u);
    ASSERT_TRUE(call(create_request("web", 3)).has_value());
    EXPECT_EQ(transport->take<SelectDestinations>().size(), 1u);
    EXPECT_EQ(struck(), 1);
    ASSERT_TRUE(call(ClearFaults{}).has_value());
  }
}

TEST_F(StruckLaunchTest, ADelayOfStepTwoKeepsTheCallWaiting) {
  connect_all();
  add(LaunchStep::kInstanceCreated, seconds(2), false);
  EXPECT_EQ(call(create_request()).error().code, ErrorCode::kDeadlineExceeded) << "not answered yet";
  pass(seconds(3));
  EXPECT_EQ(core->instances().size(), 1u);
  EXPECT_EQ(struck(), 1);
}

TEST_F(StruckLaunchTest, AFaultOfStepThreeCostsAnAttempt) {
  connect_all();
  add(LaunchStep::kScheduleCast, {}, true);
  Instance server = create();
  settle();
  auto casts = transport->take<SelectDestinations>();
  ASSERT_EQ(casts.size(), 1u);
  EXPECT_EQ(casts[0].requests[0].attempt, 2u);
  EXPECT_TRUE(casts[0].excluded_hosts.empty());
  EXPECT_EQ(struck(), 1);
  make_active(server);
  LaunchRecord record = get<LaunchRecord>(*call(GetLaunchRecord{server.name, false}));
  ASSERT_GE(record.steps.size(), 3u);
  EXPECT_EQ(record.steps[2].step, LaunchStep::kScheduleCast);
  EXPECT_EQ(record.steps[2].fault, "Build of instance " + to_string(server.uuid) + " was re-scheduled: on purpose");
}

TEST_F(StruckLaunchTest, ADelayOfStepThreeHoldsTheCastAndADeleteEndsIt) {
  connect_all();
  add(LaunchStep::kScheduleCast, seconds(2), false);
  Instance server = create();
  EXPECT_EQ(transport->count<SelectDestinations>(), 0u);
  transport->connect(*core, {Role::kScheduler, 1}, 1);
  pass(seconds(1));
  EXPECT_EQ(transport->count<SelectDestinations>(), 0u) << "another scheduler changes nothing";
  pass(seconds(2));
  auto casts = transport->take<SelectDestinations>();
  ASSERT_EQ(casts.size(), 1u);
  EXPECT_GE(casts[0].requests[0].steps.back().duration, seconds(2));
  make_active(server);
  EXPECT_EQ(struck(), 1);

  add(LaunchStep::kScheduleCast, seconds(2), false);
  Instance other = create("other");
  ASSERT_TRUE(call(DeleteServer{other.name}).has_value());
  pass(seconds(3));
  EXPECT_EQ(transport->count<SelectDestinations>(), 0u);
}

TEST_F(StruckLaunchTest, AnAbortOfStepThreeIsAnError) {
  connect_all();
  add(LaunchStep::kScheduleCast, {}, true, true);
  Instance server = create();
  settle();
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kError);
  EXPECT_EQ(row(server.uuid)->fault.message, "Build of instance " + to_string(server.uuid) + " aborted: on purpose");
}

TEST_F(StruckLaunchTest, AFaultOfStepThirteenDiscardsTheGuestAndTriesAnotherHost) {
  connect_all();
  add(LaunchStep::kActive, {}, true);
  Instance server = create();
  transport->take<SelectDestinations>();
  answers();
  make_active(server);
  auto told = answers();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].verdict, ReportAnswer::Verdict::kStale);
  EXPECT_EQ(told[0].placement.epoch, 1u);
  auto casts = transport->take<SelectDestinations>();
  ASSERT_EQ(casts.size(), 1u);
  EXPECT_EQ(casts[0].excluded_hosts, std::vector<std::string>{"h1"});
  EXPECT_EQ(struck(), 1);
  make_active(server, "h2");
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
  EXPECT_EQ(row(server.uuid)->current.host, "h2");
}

TEST_F(StruckLaunchTest, ADelayOfStepThirteenIsWaitedForOnce) {
  connect_all();
  add(LaunchStep::kActive, seconds(5), false);
  Instance server = create();
  InstanceReport active = report(server, BuildResult::kActive);
  deliver(active);
  deliver(active);
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kBuilding);
  pass(seconds(6));
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
  EXPECT_EQ(struck(), 1);
  deliver(active);
  EXPECT_EQ(answers().back().verdict, ReportAnswer::Verdict::kAccepted);
}

TEST_F(StruckLaunchTest, NoHostIsKnownBeforeStepFive) {
  connect_all();
  FaultRule rule;
  rule.host_pattern = "h1";
  for (LaunchStep step : {LaunchStep::kRequestAccepted, LaunchStep::kHostSelected}) {
    rule.step = step;
    EXPECT_FALSE(AddFault{rule}.check().has_value());
  }
  rule.step = LaunchStep::kRunCast;
  EXPECT_TRUE(AddFault{rule}.check().has_value());
}

}  // namespace
}  // namespace kilonova::controller
