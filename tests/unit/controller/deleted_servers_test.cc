// What is remembered of servers that are gone: docs/adr/0029-deleted-servers.md.
#include "controller/core/deleted_servers.h"

#include <gmock/gmock.h>

#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DeletedServersTest : public ControllerTest {
 protected:
  DeletedServersTest() { connect_all(); }

  Instance launched(const std::string& name) {
    Instance server = create(name);
    make_active(server);
    return *row(server.uuid);
  }
  void confirm(const Instance& server) {
    const uint64_t epoch = row(server.uuid)->current.epoch;
    deliver(InstanceTerminated{"h1", {server.uuid, epoch}});
    deliver(AddressesReleased{{server.uuid, epoch}}, kNetwork);
  }
  void remove(const Instance& server) {
    ASSERT_TRUE(call(DeleteServer{to_string(server.uuid)}).has_value());
    confirm(server);
    ASSERT_EQ(row(server.uuid), nullptr);
  }
  ServerList list(ListServers request) { return get<ServerList>(*call(std::move(request))); }
  std::vector<std::string> names(ListServers request) {
    std::vector<std::string> names;
    for (const Instance& server : list(std::move(request)).servers) names.push_back(server.name);
    return names;
  }
  void keep(uint32_t number) {
    options.deleted_servers_kept = number;
    restart();
    connect_all();
  }
};

TEST_F(DeletedServersTest, AreListedWhereTheyAreAskedForAndSurviveARestart) {
  launched("stays");
  Instance goes = launched("goes");
  ASSERT_TRUE(call(SetServer{.server = "goes", .set_metadata = {{"key", "value"}}}).has_value());
  pass(seconds(10));
  const WallTime before = loop.wall_now();
  remove(goes);
  for (bool again : {false, true}) {
    EXPECT_THAT(names({}), ElementsAre("stays")) << again;
    EXPECT_THAT(names({.which = WhichServers::kDeleted}), ElementsAre("goes"));
    EXPECT_THAT(names({.which = WhichServers::kAll}), ElementsAre("goes", "stays"));
    EXPECT_THAT(names({.status = "DELETED", .which = WhichServers::kAll}), ElementsAre("goes"));
    EXPECT_FALSE(call(GetServer{to_string(goes.uuid)}).has_value());
    restart();
    connect_all();
  }
  EXPECT_THAT(names({.which = WhichServers::kAll, .deleted_since = before}), ElementsAre("goes", "stays"));
  const WallTime after{loop.wall_now().us + 1};
  EXPECT_THAT(names({.which = WhichServers::kAll, .deleted_since = after}), ElementsAre("stays"));
  ServerList gone = list({.which = WhichServers::kDeleted});
  const Instance& last = gone.servers.at(0);
  EXPECT_EQ(last.vm_state, VmState::kDeleted);
  EXPECT_EQ(last.task_state, TaskState::kNone);
  EXPECT_EQ(last.current.host, "h1");
  EXPECT_THAT(last.current.addresses, IsEmpty());
  EXPECT_GE(last.updated_at, before);
  EXPECT_EQ(last.launched_at, goes.launched_at);
  EXPECT_THAT(gone.properties.at(0).metadata, ElementsAre(MetadataItem{"key", "value"}));
}

TEST_F(DeletedServersTest, HaveTheirActionsStillWithTheDelete) {
  Instance server = launched("web");
  ASSERT_TRUE(call(LockServer{.server = "web"}).has_value());
  ASSERT_TRUE(call(LockServer{.server = "web", .locked = false}).has_value());
  remove(server);
  auto actions = get<InstanceActionList>(*call(ListInstanceActions{to_string(server.uuid)})).actions;
  std::vector<std::string> names;
  for (const InstanceAction& action : actions) names.push_back(action.action);
  EXPECT_THAT(names, ElementsAre("delete", "unlock", "lock", "create"));
  EXPECT_EQ(actions[0].request_id, admin().trace.request_id);
  EXPECT_EQ(actions[0].number, 3u);
  EXPECT_NE(actions[0].finished_at, WallTime{});
  EXPECT_THAT(core->records().of<InstanceAction>(), IsEmpty());
}

TEST_F(DeletedServersTest, PagesGoOnAcrossBothKinds) {
  std::vector<Instance> servers;
  for (int i = 0; i < 6; ++i) servers.push_back(launched("s" + std::to_string(i)));
  for (int i : {1, 3, 4}) remove(servers[static_cast<size_t>(i)]);
  std::vector<std::string> seen;
  std::string marker;
  for (bool more = true; more;) {
    ServerList page = list({.limit = 2, .marker = marker, .which = WhichServers::kAll});
    for (const Instance& server : page.servers) seen.push_back(server.name);
    more = page.more;
    marker = to_string(page.servers.back().uuid);
    restart();
    connect_all();
  }
  EXPECT_THAT(seen, ElementsAre("s5", "s4", "s3", "s2", "s1", "s0"));
}

TEST_F(DeletedServersTest, OnlyTheNewestAreKept) {
  keep(2);
  for (const char* name : {"a", "b", "c"}) remove(launched(name));
  EXPECT_THAT(names({.which = WhichServers::kDeleted}), ElementsAre("c", "b"));
  EXPECT_EQ(store->load()->of<DeletedServer>().size(), 2u);
  keep(1);
  remove(launched("d"));
  EXPECT_THAT(names({.which = WhichServers::kDeleted}), ElementsAre("d"));
  keep(0);
  remove(launched("e"));
  EXPECT_THAT(store->load()->of<DeletedServer>(), IsEmpty());
}

// Two ends may be on their way to the store at once.
TEST_F(DeletedServersTest, TwoThatGoTogetherAreBothThere) {
  Instance a = launched("a"), b = launched("b");
  for (const Instance& server : {a, b}) ASSERT_TRUE(call(DeleteServer{to_string(server.uuid)}).has_value());
  for (const Instance& server : {a, b}) {
    const uint64_t epoch = row(server.uuid)->current.epoch;
    transport->deliver(*core, kCompute, InstanceTerminated{"h1", {server.uuid, epoch}});
    transport->deliver(*core, kNetwork, AddressesReleased{{server.uuid, epoch}});
  }
  settle();
  EXPECT_EQ(store->load()->of<DeletedServer>().size(), 2u);
}

TEST_F(DeletedServersTest, AreTheirProjectsAndNobodyElses) {
  Instance server = launched("web");
  remove(server);
  RequestContext stranger = admin();
  stranger.role = UserRole::kMember;
  stranger.project_id = Uuid{{77}};
  auto seen = call(ListServers{.which = WhichServers::kAll}, stranger);
  ASSERT_FALSE(seen.has_value() && !get<ServerList>(*seen).servers.empty());
  EXPECT_FALSE(call(ListInstanceActions{to_string(server.uuid)}, stranger).has_value());
}

TEST_F(DeletedServersTest, WhatTheStoreRefusesIsNotGone) {
  Instance server = launched("web");
  ASSERT_TRUE(call(DeleteServer{"web"}).has_value());
  disk.fail_next({ErrorCode::kUnavailable, "full"});
  confirm(server);
  EXPECT_NE(row(server.uuid), nullptr);
  EXPECT_THAT(names({.which = WhichServers::kDeleted}), IsEmpty());
}

}  // namespace
}  // namespace kilonova::controller
