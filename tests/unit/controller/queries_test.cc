// What clients are answered of servers: states, zones, pages, quotas.
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"
#include "domain/server_actions.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

class QueriesTest : public ControllerTest {
 protected:
  ServerList list(ListServers request) {
    auto reply = call(std::move(request));
    EXPECT_TRUE(reply.has_value()) << (reply ? "" : reply.error().message);
    return reply ? get<ServerList>(*reply) : ServerList{};
  }
  Instance shown(const Instance& server) {
    return get<ServerList>(*call(GetServer{to_string(server.uuid), true})).servers.at(0);
  }
  void finish_delete(const Instance& server) {
    ASSERT_TRUE(call(DeleteServer{to_string(server.uuid), true}).has_value());
    uint64_t epoch = row(server.uuid)->current.epoch;
    deliver(AddressesReleased{{server.uuid, epoch}}, kNetwork);
    if (row(server.uuid)) deliver(InstanceTerminated{"h1", {server.uuid, epoch}});
    ASSERT_EQ(row(server.uuid), nullptr);
  }
  void register_zones() {
    deliver(RegisterHosts{{{"h1", "az1", {64, 65'536, 1'000}}, {"h2", "az2", {64, 65'536, 1'000}}}, {}, true});
    heartbeat({});
  }
};

TEST_F(QueriesTest, TheZoneOfAServerIsThatOfItsHost) {
  connect_all();
  register_zones();
  Instance anywhere = create("anywhere");
  EXPECT_EQ(shown(anywhere).spec.availability_zone, "");
  make_active(anywhere, "h2");
  EXPECT_EQ(shown(anywhere).spec.availability_zone, "az2");
  EXPECT_EQ(list({}).servers.at(0).spec.availability_zone, "az2");
  CreateServers forced = create_request("forced");
  forced.availability_zone = "az1:h2";
  Instance server = get<CreateServersReply>(*call(forced)).servers.at(0);
  EXPECT_EQ(shown(server).spec.availability_zone, "az1") << "what was asked, as long as it is nowhere";
  make_active(server, "h2");
  EXPECT_EQ(shown(server).spec.availability_zone, "az2");
  EXPECT_EQ(row(server.uuid)->spec.availability_zone, "az1") << "a next try asks for the same";
}

TEST_F(QueriesTest, ARequestedHostIsTheOnlyOneThatFiltersAreAskedAbout) {
  connect_all();
  register_zones();
  transport->take<SelectDestinations>();
  CreateServers request = create_request("there");
  request.requested_host = "h2";
  Instance server = get<CreateServersReply>(*call(request)).servers.at(0);
  EXPECT_EQ(row(server.uuid)->spec.requested_host, "h2");
  EXPECT_EQ(transport->take<SelectDestinations>().at(0).requested_host, "h2");
  request.requested_host = "h9";
  EXPECT_EQ(call(request).error().message, "Compute host h9 could not be found.");
}

TEST_F(QueriesTest, AStatusIsTakenInAnyCase) {
  connect_all();
  make_active(create());
  for (const char* status : {"ACTIVE", "active", "Active"}) {
    ListServers request;
    request.status = status;
    EXPECT_EQ(list(request).servers.size(), 1u) << status;
  }
  ListServers request;
  request.status = "ACTIV";
  EXPECT_EQ(call(request).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(QueriesTest, APageGoesOnBehindAServerThatWasDeletedMeanwhile) {
  connect_all();
  Instance first = create("a"), second = create("b"), third = create("c");
  ListServers request;
  request.limit = 1;
  EXPECT_EQ(list(request).servers.at(0).uuid, third.uuid);
  request.marker = to_string(third.uuid);
  EXPECT_EQ(list(request).servers.at(0).uuid, second.uuid);
  finish_delete(second);
  request.marker = to_string(second.uuid);
  EXPECT_EQ(list(request).servers.at(0).uuid, first.uuid);
  RequestContext other = admin();
  other.project_id = core->records().find_project("demo")->id;
  EXPECT_EQ(call(request, other).error().code, ErrorCode::kInvalidArgument) << "it was never in their list";
  request.marker = to_string(Uuid{{77}});
  EXPECT_EQ(call(request).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(QueriesTest, TheNumberOfServersIsThatAfterTheQuota) {
  connect_all();
  ASSERT_TRUE(call(SetQuota{"admin", {{}, 1, -1, -1}, false}).has_value());
  CreateServers request = create_request("web");
  request.max_count = 3;
  auto made = get<CreateServersReply>(*call(request)).servers;
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].name, "web");
}

TEST_F(QueriesTest, AQuotaCoversWhatIsUsedUnlessItIsForced) {
  connect_all();
  create("a");
  create("b");
  auto refused = call(SetQuota{"admin", {{}, 1, 20, 51'200}, false});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(refused.error().message.starts_with(
      "Quota limit 1 for instances must be greater than or equal to already used and reserved 2"))
      << refused.error().message;
  EXPECT_EQ(get<QuotaReply>(*call(GetQuota{"admin"})).quota.instances, 10);
  EXPECT_TRUE(call(SetQuota{"admin", {{}, 1, 20, 51'200}, true}).has_value());
  EXPECT_EQ(get<QuotaReply>(*call(GetQuota{"admin"})).quota.instances, 1);
  EXPECT_TRUE(call(SetQuota{"admin", {{}, 1, 30, 51'200}, false}).has_value())
      << "what stays as it is is not asked about";
  EXPECT_EQ(call(SetQuota{"admin", {{}, 1, 30, 600}, false}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(call(SetQuota{"admin", {{}, -1, 2, 1'024}, false}).has_value());
}

TEST_F(QueriesTest, AForcedHostThatFailsSaysWhy) {
  connect_all();
  CreateServers forced = create_request("forced");
  forced.availability_zone = "nova:h1";
  Instance server = get<CreateServersReply>(*call(forced)).servers.at(0);
  InstanceReport failed = report(server, BuildResult::kRescheduled);
  failed.alternates = {};
  deliver(failed);
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kError);
  EXPECT_EQ(row(server.uuid)->fault.message, "it did not start");
}

TEST_F(QueriesTest, AnEventOfAServerThatLeftErrorHasNoFault) {
  connect_all();
  Instance server = create();
  make_active(server);
  ASSERT_TRUE(call(ServerAction{to_string(server.uuid), ServerActionKind::kStop}).has_value());
  const Instance* stopping = row(server.uuid);
  deliver(ServerActionDone{"h1",
                          {server.uuid, stopping->current.epoch},
                          stopping->operation,
                          PowerState::kRunning,
                          {ErrorCode::kUnavailable, "the journal cannot be written"}});
  pass(milliseconds(1));
  auto events = transport->all_to<WatchEvents>(kApi);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().events.back().vm_state, VmState::kActive);
  EXPECT_EQ(events.back().events.back().fault, "");
}

}  // namespace
}  // namespace kilonova::controller
