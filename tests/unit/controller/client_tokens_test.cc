// Client tokens: a retry gets the first answer, for a day, and what is older takes no room.
#include <fmt/format.h>

#include "domain/client_token.h"
#include "domain/nouns/project.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

class ClientTokenTest : public ControllerTest {
 protected:
  static CreateServers with_token(std::string token, uint32_t count = 1) {
    CreateServers request = create_request("web", count);
    request.client_token = std::move(token);
    return request;
  }
  Uuid create_with(const std::string& token) {
    auto reply = call(with_token(token));
    EXPECT_TRUE(reply.has_value()) << (reply ? "" : reply.error().message);
    return get<CreateServersReply>(*reply).servers.at(0).uuid;
  }
  // With all that confirms it.
  void destroy(const Uuid& uuid) {
    ASSERT_TRUE(call(DeleteServer{to_string(uuid)}).has_value());
    deliver(InstanceTerminated{"h1", {uuid, row(uuid)->current.epoch}});
    if (row(uuid)) deliver(AddressesReleased{{uuid, row(uuid)->current.epoch}}, kNetwork);
    ASSERT_EQ(row(uuid), nullptr);
  }
  // As an earlier life of the controller left them, and a second before they are over.
  void leave_old_tokens(size_t count) {
    Transaction rows;
    for (size_t i = 0; i < count; ++i)
      rows.push_back(mutation::Put<ClientToken>{
          {admin().project_id, fmt::format("old-{}", i), Uuid{{1}}, {Uuid{{2}}}, loop.wall_now()}});
    ASSERT_TRUE(run_task(loop, store->commit(std::move(rows))).has_value());
    restart();
    connect_all();
    pass(kClientTokenLifetime - seconds(1));
  }
  size_t stored() {
    restart();
    return core->records().of<ClientToken>().size();
  }
};

TEST_F(ClientTokenTest, OneOfADayAgoIsForgottenAlsoByTheStore) {
  connect_all();
  create_with("once");
  pass(kClientTokenLifetime - seconds(60));
  EXPECT_EQ(core->records().of<ClientToken>().size(), 1u);
  pass(seconds(120));
  EXPECT_EQ(core->records().of<ClientToken>().size(), 0u);
  EXPECT_EQ(stored(), 0u);
}

TEST_F(ClientTokenTest, AServerRemembersItsOwnWhenItIsForgotten) {
  connect_all();
  const Uuid server = create_with("once");
  create("other");
  pass(kClientTokenLifetime + seconds(60));
  restart();
  const auto& properties = core->records().of<ServerProperties>();
  ASSERT_EQ(properties.size(), 1u);
  EXPECT_EQ(properties.at(server).client_token, "once");
}

TEST_F(ClientTokenTest, NoWallClockMakesARetryANewCreate) {
  connect_all();
  const Uuid made = create_with("once");
  for (Duration jump : {seconds(25 * 3600), seconds(400 * 86'400), Duration{} - seconds(400 * 86'400)}) {
    const Duration before = loop.wall_offset();
    loop.set_wall_offset(before + jump);
    pass(seconds(8));
    EXPECT_EQ(create_with("once"), made);
    restart();  // with the clock as it is
    connect_all();
    pass(seconds(8));
    loop.set_wall_offset(before);
    pass(seconds(20));
    EXPECT_EQ(create_with("once"), made);
  }
  pass(kClientTokenLifetime + seconds(5));
  EXPECT_EQ(core->records().of<ClientToken>().size(), 0u) << "it ends all the same";
}

TEST_F(ClientTokenTest, ManyOldOnesGoInBatches) {
  connect_all();
  leave_old_tokens(2'500);
  disk.commit_latency = milliseconds(100);
  auto left = [this] { return core->records().of<ClientToken>().size(); };
  for (int i = 0; i < 500 && left() == 2'500; ++i) pass(milliseconds(10));
  EXPECT_EQ(left(), 1'500u) << "one commit";
  pass(seconds(1));
  EXPECT_EQ(left(), 0u);
  EXPECT_EQ(stored(), 0u);
}

TEST_F(ClientTokenTest, AFullDiskForgetsThemLater) {
  connect_all();
  leave_old_tokens(10);
  pass(milliseconds(500));
  disk.fail_next({ErrorCode::kUnavailable, "disk full"});
  pass(milliseconds(1'500));
  EXPECT_EQ(core->records().of<ClientToken>().size(), 10u);
  pass(seconds(2));
  EXPECT_EQ(core->records().of<ClientToken>().size(), 0u);
}

TEST_F(ClientTokenTest, ARetryAfterItsServersAreGoneIsToldSo) {
  connect_all();
  destroy(create_with("once"));
  auto again = call(with_token("once"));
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, ErrorCode::kConflict);
  EXPECT_NE(again.error().message.find("client token 'once'"), std::string::npos) << again.error().message;
  EXPECT_EQ(core->instances().size(), 0u);
}

TEST_F(ClientTokenTest, ARetryGetsTheServersThatAreLeft) {
  connect_all();
  auto first = get<CreateServersReply>(*call(with_token("once", 2)));
  ASSERT_EQ(first.servers.size(), 2u);
  destroy(first.servers[0].uuid);
  auto again = get<CreateServersReply>(*call(with_token("once", 2)));
  ASSERT_EQ(again.servers.size(), 1u);
  EXPECT_EQ(again.servers[0].uuid, first.servers[1].uuid);
  EXPECT_EQ(again.reservation_id, first.reservation_id);
}

TEST_F(ClientTokenTest, AProjectHasSoManyAndNoMore) {
  options.max_client_tokens = 3;
  restart();
  connect_all();
  for (const char* token : {"a", "b", "c"}) create_with(token);
  auto refused = call(with_token("d"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
  EXPECT_NE(refused.error().message.find("3 client tokens"), std::string::npos) << refused.error().message;
  EXPECT_TRUE(call(with_token("a")).has_value());   // a retry needs no room
  EXPECT_TRUE(call(create_request()).has_value());  // nor does a create without one
  RequestContext other = admin();
  other.project_id = core->records().find_project("demo")->id;
  EXPECT_TRUE(call(with_token("d"), other).has_value());
  pass(kClientTokenLifetime + seconds(5));
  EXPECT_TRUE(call(with_token("e")).has_value());
}

// Nobody can use them any more, and there may be a million: they are not looked for.
TEST_F(ClientTokenTest, OfAProjectThatIsGoneEndByAge) {
  connect_all();
  Uuid project = get<ProjectList>(*call(CreateProject{"p", ""})).projects.at(0).id;
  RequestContext context = admin();
  context.project_id = project;
  auto made = get<CreateServersReply>(*call(with_token("once"), context));
  create_with("mine");
  Uuid server = made.servers.at(0).uuid;
  ASSERT_TRUE(call(DeleteServer{to_string(server), true}).has_value());
  deliver(AddressesReleased{{server, row(server)->current.epoch}}, kNetwork);
  if (row(server)) deliver(InstanceTerminated{"h1", {server, row(server)->current.epoch}});
  ASSERT_EQ(row(server), nullptr);
  ASSERT_TRUE(call(DeleteProject{"p"}).has_value());
  EXPECT_EQ(core->records().of<ClientToken>().size(), 2u);
  pass(kClientTokenLifetime + seconds(5));
  EXPECT_EQ(core->records().of<ClientToken>().size(), 0u);
}

}  // namespace
}  // namespace kilonova::controller
