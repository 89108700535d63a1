// What brings a server to another host, and os-migrations: which operation a request asks for, and what is answered.
#include "domain/nouns/server_move.h"

#include <gtest/gtest.h>

#include <string>

#include "domain/nouns/server.h"
#include "tests/unit/openstack/front_world.h"

namespace kilonova::api::openstack {
namespace {

class ServerMoveTest : public FrontWorld {
 protected:
  ServerMoveTest() {
    row_.uuid = *parse_uuid("9fd8028d-250d-4412-b186-b0cd8a45f925");
    row_.name = "wire";
    row_.spec.project_id = project_;
    row_.vm_state = VmState::kActive;
    row_.task_state = TaskState::kNone;
    live_.id = 7;
    live_.uuid = *parse_uuid("42341d4b-346a-40d0-83c6-5f4f6892b650");
    live_.instance = row_.uuid;
    live_.user_id = user_;
    live_.project_id = project_;
    live_.kind = MoveKind::kLiveMigration;
    live_.status = "running";
    live_.source_compute = "c1";
    live_.old_flavor = live_.new_flavor = "3";
  }
  std::string path(std::string below) const { return "/compute/v2.1/servers/" + to_string(row_.uuid) + below; }
  static http::Headers version(int minor) { return {{"X-OpenStack-Nova-API-Version", "2." + std::to_string(minor)}}; }
  Reply& act(const std::string& body, int minor = 1, UserRole role = UserRole::kMember) {
    Reply& reply = ask(role, "POST", path("/action"), body, version(minor));
    if (!reply) answer(ApiResponse(ServerList{{row_}, false, {}}));
    return reply;
  }
  unsigned refused(const std::string& body, int minor = 1, UserRole role = UserRole::kAdmin) {
    return ask_now(role, "POST", path("/action"), body, version(minor)).status;
  }
  unsigned status(Reply& reply) {
    answer(ApiResponse(Empty{}));
    return reply ? reply->status : 0;
  }
  // A request about the server's live migrations, up to what it asks after it has seen them.
  Reply& about_live(const std::string& method, const std::string& below, int minor, const std::string& body = "") {
    Reply& reply = ask(UserRole::kAdmin, method, path("/migrations" + below), body, version(minor));
    if (reply) return reply;
    answer(ApiResponse(ServerList{{row_}, false, {}}));
    answer(ApiResponse(MigrationList{{live_}, false}));
    return reply;
  }

  Instance row_;
  Migration live_;
};

TEST_F(ServerMoveTest, AResizeNamesItsFlavor) {
  for (auto [reference, id] :
       {std::pair(R"("2")", "2"), std::pair("2", "2"), std::pair(R"("http://here/flavors/2")", "2")}) {
    Reply& reply = act(std::string(R"({"resize": {"flavorRef": )") + reference + "}}");
    EXPECT_EQ(asked<ResizeServer>().flavor, id);
    EXPECT_EQ(status(reply), 202u);
  }
  EXPECT_EQ(refused(R"({"resize": {}})"), 400u);
  EXPECT_EQ(refused(R"({"resize": {"flavorRef": ""}})"), 400u);
  EXPECT_EQ(refused(R"({"resize": {"flavorRef": "2", "host": "c1"}})"), 400u);
}

TEST_F(ServerMoveTest, AResizeThatBeganSetsTheDiskConfiguration) {
  Reply& reply = act(R"({"resize": {"flavorRef": "2", "OS-DCF:diskConfig": "AUTO"}})");
  answer(ApiResponse(Empty{}));
  const SetServer change = asked<SetServer>();
  EXPECT_TRUE(change.access.sets_auto_disk_config && change.access.auto_disk_config);
  answer(ApiResponse(ServerList{{row_}, false, {}}));
  EXPECT_EQ(reply->status, 202u);
  EXPECT_EQ(refused(R"({"resize": {"flavorRef": "2", "OS-DCF:diskConfig": "auto"}})"), 400u);
}

TEST_F(ServerMoveTest, AConfirmationIsAnsweredWith204) {
  Reply& confirmed = act(R"({"confirmResize": null})");
  EXPECT_EQ(asked<ServerAction>().action, ServerActionKind::kConfirmResize);
  EXPECT_EQ(status(confirmed), 204u);
  Reply& reverted = act(R"({"revertResize": null})");
  EXPECT_EQ(asked<ServerAction>().action, ServerActionKind::kRevertResize);
  EXPECT_EQ(status(reverted), 202u);
}

TEST_F(ServerMoveTest, AMigrationMayNameAHostFrom56On) {
  Reply& any = act(R"({"migrate": {"host": "c2"}})", 55, UserRole::kAdmin);
  EXPECT_EQ(asked<MigrateServer>().host, "");
  EXPECT_EQ(status(any), 202u);
  Reply& one = act(R"({"migrate": {"host": "c2"}})", 56, UserRole::kAdmin);
  EXPECT_EQ(asked<MigrateServer>().host, "c2");
  EXPECT_EQ(status(one), 202u);
  EXPECT_EQ(status(act(R"({"migrate": null})", 56, UserRole::kAdmin)), 202u);
  EXPECT_EQ(refused(R"({"migrate": {"node": "c2"}})", 56), 400u);
  EXPECT_EQ(refused(R"({"migrate": null})", 56, UserRole::kMember), 403u);
}

TEST_F(ServerMoveTest, ALiveMigrationsBodyChangesWithTheMicroversion) {
  const std::string old = R"({"os-migrateLive": {"host": "c2", "block_migration": false, "disk_over_commit": false}})";
  Reply& first = act(old, 1, UserRole::kAdmin);
  EXPECT_TRUE(asked<LiveMigrateServer>().force);  // nobody asked the scheduler then
  EXPECT_EQ(status(first), 202u);
  EXPECT_EQ(refused(old, 25), 400u);
  EXPECT_EQ(refused(R"({"os-migrateLive": {"host": null, "block_migration": false}})", 24), 400u);
  Reply& checked = act(R"({"os-migrateLive": {"host": "c2", "block_migration": "auto"}})", 30, UserRole::kAdmin);
  EXPECT_FALSE(asked<LiveMigrateServer>().force);
  EXPECT_EQ(status(checked), 202u);
  const std::string forced = R"({"os-migrateLive": {"host": "c2", "block_migration": "auto", "force": true}})";
  Reply& force = act(forced, 67, UserRole::kAdmin);
  EXPECT_TRUE(asked<LiveMigrateServer>().force);
  EXPECT_EQ(status(force), 202u);
  EXPECT_EQ(refused(forced, 68), 400u);
}

TEST_F(ServerMoveTest, AnEvacuationSaysAPasswordBefore14) {
  Reply& old = act(R"({"evacuate": {"onSharedStorage": false, "adminPass": "secret"}})", 1, UserRole::kAdmin);
  EXPECT_EQ(status(old), 200u);
  EXPECT_EQ(json_of(old)["adminPass"], "secret");
  Reply& now = act(R"({"evacuate": {"host": "c2"}})", 68, UserRole::kAdmin);
  EXPECT_EQ(asked<EvacuateServer>().host, "c2");
  EXPECT_FALSE(asked<EvacuateServer>().force);
  EXPECT_EQ(status(now), 200u);
  EXPECT_EQ(now->body, "");
  EXPECT_EQ(refused(R"({"evacuate": {}})", 13), 400u);
  EXPECT_EQ(refused(R"({"evacuate": {"onSharedStorage": false}})", 14), 400u);
  EXPECT_EQ(refused(R"({"evacuate": {"force": true}})", 29), 400u);
}

TEST_F(ServerMoveTest, UnshelvingSaysWhereFrom77On) {
  EXPECT_EQ(status(act(R"({"unshelve": {"availability_zone": "z"}})", 76)), 202u);
  EXPECT_FALSE(asked<UnshelveServer>().sets_zone);
  Reply& zone = act(R"({"unshelve": {"availability_zone": "z"}})", 77);
  EXPECT_EQ(asked<UnshelveServer>().availability_zone, "z");
  EXPECT_EQ(status(zone), 202u);
  EXPECT_EQ(refused(R"({"unshelve": {"host": "c2"}})", 90), 400u);
  Reply& host = act(R"({"unshelve": {"availability_zone": null, "host": "c2"}})", 91, UserRole::kAdmin);
  EXPECT_TRUE(asked<UnshelveServer>().sets_zone);
  EXPECT_EQ(asked<UnshelveServer>().host, "c2");
  EXPECT_EQ(status(host), 202u);
  EXPECT_EQ(refused(R"({"shelveOffload": null})", 1, UserRole::kMember), 403u);
  EXPECT_EQ(status(act(R"({"shelve": null})")), 202u);
}

TEST_F(ServerMoveTest, MigrationsHaveTheFieldsOfTheirMicroversion) {
  Reply& old = ask(UserRole::kAdmin, "GET", "/compute/v2.1/os-migrations?status=running&nonsense=1", "", version(1));
  EXPECT_EQ(asked<ListMigrations>().status, "running");
  answer(ApiResponse(MigrationList{{live_}, false}));
  Json first = json_of(old)["migrations"][0];
  EXPECT_EQ(first["id"], 7);
  EXPECT_EQ(first["old_instance_type_id"], 3);
  EXPECT_TRUE(first["dest_compute"].is_null());
  EXPECT_FALSE(first.contains("migration_type"));
  Reply& now = ask(UserRole::kAdmin, "GET", "/compute/v2.1/os-migrations?limit=1", "", version(80));
  answer(ApiResponse(MigrationList{{live_}, false}));
  Json shown = json_of(now)["migrations"][0];
  EXPECT_EQ(shown["migration_type"], "live-migration");
  EXPECT_EQ(shown["uuid"], to_string(live_.uuid));
  EXPECT_EQ(shown["project_id"], to_hex(project_));
  EXPECT_EQ(shown["links"].size(), 2u);
  EXPECT_TRUE(json_of(now).contains("migrations_links"));
  EXPECT_EQ(ask_now(UserRole::kAdmin, "GET", "/compute/v2.1/os-migrations?nonsense=1", "", version(59)).status, 400u);
  EXPECT_EQ(ask_now(UserRole::kAdmin, "GET", "/compute/v2.1/os-migrations?changes-since=soon", "", version(59)).status,
            400u);
  EXPECT_EQ(ask_now(UserRole::kAdmin, "GET", "/compute/v2.1/os-migrations?changes-before=2026-01-01T00:00:00Z", "",
                    version(65))
                .status,
            400u);
}

TEST_F(ServerMoveTest, LiveMigrationsAreShownAndEnded) {
  Reply& list = about_live("GET", "", 23);
  EXPECT_EQ(json_of(list)["migrations"][0]["memory_total_bytes"], 0);
  EXPECT_EQ(json_of(about_live("GET", "/7", 23))["migration"]["server_uuid"], to_string(row_.uuid));
  EXPECT_EQ(about_live("GET", "/8", 23)->status, 404u);
  EXPECT_EQ(about_live("GET", "", 22)->status, 404u);
  Reply& aborted = about_live("DELETE", "/7", 64);
  EXPECT_TRUE(asked<AbortMigration>().running_only);
  EXPECT_EQ(status(aborted), 202u);
  Reply& later = about_live("DELETE", "/7", 65);
  EXPECT_FALSE(asked<AbortMigration>().running_only);
  EXPECT_EQ(status(later), 202u);
  Reply& forced = about_live("POST", "/7/action", 22, R"({"force_complete": null})");
  EXPECT_EQ(asked<ForceCompleteMigration>().migration, 7);
  EXPECT_EQ(status(forced), 202u);
  EXPECT_EQ(about_live("POST", "/8/action", 22, R"({"force_complete": null})")->status, 400u);
}

}  // namespace
}  // namespace kilonova::api::openstack
