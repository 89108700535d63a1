// Server groups as the controller keeps them: who is in one, what a scheduler is told, and the late check of the
// policy.
#include "controller/core/group_policy.h"
#include "domain/api.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/nouns/server_group.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

using Verdict = ReportAnswer::Verdict;

class ServerGroupsTest : public ControllerTest {
 protected:
  ServerGroup group(GroupPolicy policy, std::string name = "g", uint32_t most = 0) {
    auto made = call(CreateServerGroup{std::move(name), policy, most});
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
    return get<ServerGroupList>(*made).groups.at(0);
  }
  Expected<ApiResponse> ask_in(const std::string& name, uint32_t count = 1) {
    CreateServers request = create_request("web", count);
    request.server_group = name;
    return call(request);
  }
  Instance create_in(const std::string& name) {
    auto reply = ask_in(name);
    EXPECT_TRUE(reply.has_value()) << (reply ? "" : reply.error().message);
    return get<CreateServersReply>(*reply).servers.at(0);
  }
  SelectDestinations last_cast() { return transport->all_to<SelectDestinations>(kScheduler).back(); }
  ServerGroupList list(ListServerGroups request = {}) { return get<ServerGroupList>(*call(std::move(request))); }
};

TEST_F(ServerGroupsTest, AreMadeShownAndDeleted) {
  connect_all();
  ServerGroup made = group(GroupPolicy::kAntiAffinity, "apart", 3);
  EXPECT_EQ(made.project_id, admin().project_id);
  EXPECT_EQ(made.user_id, admin().user_id);
  EXPECT_EQ(list({.group = "apart"}).groups, std::vector{made});
  EXPECT_EQ(list({.group = to_string(made.id)}).groups, std::vector{made});
  restart();
  connect_all();
  EXPECT_EQ(list().groups, std::vector{made});
  EXPECT_TRUE(call(DeleteServerGroup{"apart"}).has_value());
  EXPECT_TRUE(list().groups.empty());
  EXPECT_EQ(call(DeleteServerGroup{"apart"}).error().code, ErrorCode::kNotFound);
}

TEST_F(ServerGroupsTest, ANameOfSeveralIsNoName) {
  connect_all();
  ServerGroup first = group(GroupPolicy::kAffinity, "twin");
  group(GroupPolicy::kAffinity, "twin");
  EXPECT_EQ(call(ListServerGroups{.group = "twin"}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(list({.group = to_string(first.id)}).groups.size(), 1u);
}

TEST_F(ServerGroupsTest, AnotherProjectsGroupIsNotThereButForAdministrators) {
  connect_all();
  ServerGroup made = group(GroupPolicy::kAffinity);
  RequestContext demo = admin();
  demo.project_id = core->records().find_project("demo")->id;
  demo.role = UserRole::kMember;
  EXPECT_EQ(call(ListServerGroups{.group = to_string(made.id)}, demo).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(call(DeleteServerGroup{to_string(made.id)}, demo).error().code, ErrorCode::kNotFound);
  CreateServers request = create_request();
  request.server_group = to_string(made.id);
  EXPECT_EQ(call(request, demo).error().message,
            fmt::format("Instance group {} could not be found.", to_string(made.id)));
  demo.role = UserRole::kAdmin;
  ListServerGroups all{.all_projects = true};
  EXPECT_EQ(get<ServerGroupList>(*call(all, demo)).groups.size(), 1u);
}

TEST_F(ServerGroupsTest, QuotasOfGroupsAndOfTheirServers) {
  connect_all();
  Quota quota = unchanged_quota();
  quota.server_groups = 1;
  quota.server_group_members = 2;
  ASSERT_TRUE(call(SetQuota{"admin", quota}).has_value());
  group(GroupPolicy::kSoftAffinity);
  auto second = call(CreateServerGroup{"h", GroupPolicy::kAffinity, 0});
  EXPECT_EQ(second.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(second.error().message, "Quota exceeded, too many server groups.");
  EXPECT_EQ(get<QuotaReply>(*call(GetQuota{})).usage.server_groups, 1);
  create_in("g");
  auto two = ask_in("g", 2);
  EXPECT_EQ(two.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(two.error().message, "Quota exceeded, too many servers in group");
  create_in("g");
  EXPECT_FALSE(ask_in("g").has_value());
  EXPECT_EQ(core->instances().size(), 2u);
}

// What is asked at once is counted one after the other, however long a commit takes.
TEST_F(ServerGroupsTest, TwoCreatesAtOnceDoNotBothTakeTheLastPlace) {
  connect_all();
  Quota quota = unchanged_quota();
  quota.server_group_members = 1;
  ASSERT_TRUE(call(SetQuota{"admin", quota}).has_value());
  group(GroupPolicy::kSoftAffinity);
  disk.commit_latency = milliseconds(50);
  for (uint64_t id = 1; id <= 2; ++id) {
    CreateServers request = create_request("n" + std::to_string(id));
    request.server_group = "g";
    transport->deliver(*core, kApi, ApiCall{admin(), {}, request}, 500 + id);
  }
  pass(milliseconds(300));
  EXPECT_EQ(core->instances().size(), 1u);
}

TEST_F(ServerGroupsTest, ASchedulerIsToldWhereTheOthersAre) {
  connect_all();
  ServerGroup made = group(GroupPolicy::kAntiAffinity, "g", 2);
  Instance first = create_in("g");
  make_active(first, "h2");
  Instance second = create_in(to_string(made.id));
  SelectDestinations cast = last_cast();
  ASSERT_TRUE(cast.group.has_value());
  EXPECT_EQ(cast.group->policy, GroupPolicy::kAntiAffinity);
  EXPECT_EQ(cast.group->max_server_per_host, 2u);
  EXPECT_EQ(cast.group->members, (std::vector<PlacedServer>{{first.uuid, "h2"}, {second.uuid, ""}}));
  EXPECT_EQ(cast.spec.hints.group, made.id);
  CreateServers hinted = create_request("beside");
  hinted.same_host = {to_string(first.uuid)};
  hinted.different_host = {to_string(Uuid{{7}})};
  ASSERT_TRUE(call(hinted).has_value());
  EXPECT_FALSE(last_cast().group.has_value());
  EXPECT_EQ(last_cast().hinted, (std::vector<PlacedServer>{{first.uuid, "h2"}}));
  EXPECT_EQ(last_cast().spec.hints.different_host, (std::vector<Uuid>{Uuid{{7}}}));
}

TEST_F(ServerGroupsTest, MembersAreThoseThatAreThere) {
  connect_all();
  ServerGroup made = group(GroupPolicy::kSoftAntiAffinity);
  Instance server = create_in("g");
  make_active(server);
  EXPECT_EQ(list().members, (std::vector<ServerGroupMember>{{made.id, server.uuid}}));
  restart();
  connect_all();
  EXPECT_EQ(list().members, (std::vector<ServerGroupMember>{{made.id, server.uuid}}));
  auto shown = call(GetServer{to_string(server.uuid)});
  EXPECT_EQ(get<ServerList>(*shown).servers.at(0).spec.hints.group, made.id);
  // A server outlives its group, and is in none then.
  ASSERT_TRUE(call(DeleteServerGroup{"g"}).has_value());
  shown = call(GetServer{to_string(server.uuid)});
  EXPECT_TRUE(get<ServerList>(*shown).servers.at(0).spec.hints.group.is_nil());
}

// Two schedulers, or one whose picture is old: both tries come to one host. Who binds first has it.
TEST_F(ServerGroupsTest, TheSecondOfAnAntiAffinityGroupOnAHostIsRescheduled) {
  connect_all();
  group(GroupPolicy::kAntiAffinity);
  Instance first = create_in("g"), second = create_in("g");
  make_active(first, "h1");
  answers();
  make_active(second, "h1");
  auto given = answers();
  ASSERT_EQ(given.size(), 1u);
  EXPECT_EQ(given[0].verdict, Verdict::kStale);
  EXPECT_EQ(given[0].placement, (PlacementId{second.uuid, 1}));
  EXPECT_EQ(row(second.uuid)->vm_state, VmState::kBuilding);
  EXPECT_EQ(row(second.uuid)->attempt, 2u);
  EXPECT_TRUE(row(second.uuid)->current.host.empty());
  EXPECT_EQ(row(second.uuid)->tried_hosts, std::vector<std::string>{"h1"});
  EXPECT_TRUE(last_cast().alternates.empty());
  EXPECT_EQ(core->allocations().of_host("h1").instances, 1u);
  make_active(second, "h2");
  EXPECT_EQ(row(second.uuid)->vm_state, VmState::kActive);
}

TEST_F(ServerGroupsTest, ProgressBindsAndIsHeldToThePolicyToo) {
  connect_all();
  group(GroupPolicy::kAffinity);
  Instance first = create_in("g"), second = create_in("g");
  InstanceReport claimed = report(first, BuildResult::kProgress, "h1");
  claimed.step = LaunchStep::kClaimed;
  deliver(claimed);
  answers();
  InstanceReport elsewhere = report(second, BuildResult::kProgress, "h2");
  elsewhere.step = LaunchStep::kClaimed;
  deliver(elsewhere);
  auto given = answers();
  ASSERT_EQ(given.size(), 1u);
  EXPECT_EQ(given[0].verdict, Verdict::kStale);
  EXPECT_EQ(row(second.uuid)->current.epoch, 2u);
  make_active(second, "h1");
  EXPECT_EQ(row(second.uuid)->vm_state, VmState::kActive);
}

TEST_F(ServerGroupsTest, AHostThatAnAdministratorForcesBreaksNoPolicy) {
  connect_all();
  group(GroupPolicy::kAntiAffinity);
  Instance first = create_in("g");
  make_active(first, "h1");
  CreateServers forced = create_request("forced");
  forced.server_group = "g";
  forced.availability_zone = "nova:h1";
  Instance second = get<CreateServersReply>(*call(forced)).servers.at(0);
  make_active(second, "h1");
  EXPECT_EQ(row(second.uuid)->vm_state, VmState::kError);
  EXPECT_EQ(row(second.uuid)->fault.message, "Anti-affinity instance group policy was violated");
}

TEST_F(ServerGroupsTest, SoftPoliciesForbidNothing) {
  connect_all();
  group(GroupPolicy::kSoftAntiAffinity);
  for (int i = 0; i < 3; ++i) {
    Instance server = create_in("g");
    make_active(server, "h1");
    EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
  }
}

TEST_F(ServerGroupsTest, TwoReportsAtOnceAreJudgedOneAfterTheOther) {
  connect_all();
  group(GroupPolicy::kAntiAffinity);
  Instance first = create_in("g"), second = create_in("g");
  disk.commit_latency = milliseconds(50);
  transport->deliver(*core, kCompute, report(first, BuildResult::kActive, "h1"));
  transport->deliver(*core, kCompute, report(second, BuildResult::kActive, "h1"));
  pass(milliseconds(300));
  EXPECT_EQ(core->allocations().of_host("h1").instances, 1u);
}

TEST_F(ServerGroupsTest, AClassOfQuotasIsForProjectsThatHaveNoneOfTheirOwn) {
  connect_all();
  Quota quota = unchanged_quota();
  quota.cores = 77;
  ASSERT_TRUE(call(SetQuota{.quota = quota, .defaults = true}).has_value());
  EXPECT_EQ(get<QuotaReply>(*call(GetQuota{})).quota.cores, 77);
  EXPECT_EQ(get<QuotaReply>(*call(GetQuota{.defaults = true})).quota.instances, 10);
  quota.cores = 5;
  ASSERT_TRUE(call(SetQuota{"admin", quota}).has_value());
  EXPECT_EQ(get<QuotaReply>(*call(GetQuota{})).quota.cores, 5);
  ASSERT_TRUE(call(SetQuota{.project = "admin", .quota = unchanged_quota(), .reset = true}).has_value());
  EXPECT_EQ(get<QuotaReply>(*call(GetQuota{})).quota.cores, 77);
}

}  // namespace
}  // namespace kilonova::controller
