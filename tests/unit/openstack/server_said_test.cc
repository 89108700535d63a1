// What users say of a server, and what was asked of it: metadata, tags, instance actions.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "api-server/front/openstack/compute/server_view.h"
#include "domain/instance_action.h"
#include "domain/nouns/server.h"
#include "tests/unit/openstack/front_world.h"

namespace kilonova::api::openstack {
namespace {

using Names = std::vector<std::string>;

class ServerSaidTest : public FrontWorld {
 protected:
  ServerSaidTest() {
    row_.uuid = *parse_uuid("9fd8028d-250d-4412-b186-b0cd8a45f925");
    row_.name = "wire";
    row_.spec.project_id = project_;
  }
  std::string path(std::string below) const { return "/compute/v2.1/servers/" + to_string(row_.uuid) + below; }
  static http::Headers version(std::string minor) { return {{"X-OpenStack-Nova-API-Version", "2." + minor}}; }
  // The controller's answers: the server, and what was said of it.
  ApiResponse said(ServerProperties properties) const {
    properties.instance = row_.uuid;
    return ApiResponse(ServerList{{row_}, false, {std::move(properties)}});
  }
  InstanceAction action(std::string name) const {
    return {.instance = row_.uuid,
            .number = 1,
            .action = std::move(name),
            .request_id = audit_,
            .user_id = user_,
            .project_id = project_,
            .started_at = {1'795'442'709'123'456},
            .finished_at = {1'795'442'712'000'000},
            .host = "host-4"};
  }
  // Before 2.21 the server must be there.
  void answer_about_actions(std::vector<InstanceAction> actions, const std::string& minor) {
    if (std::stoi(minor) < 21) answer(said({}));
    answer(ApiResponse(InstanceActionList{std::move(actions)}));
  }
  // What GET /servers/ID/os-instance-actions/REQUEST shows.
  Json shown(const InstanceAction& action, UserRole role, std::string minor) {
    Reply& reply = ask(role, "GET", path("/os-instance-actions/req-" + to_string(audit_)), "", version(minor));
    answer_about_actions({action}, minor);
    Json body = json_of(reply);
    const Json* json = member(body, "instanceAction");
    EXPECT_NE(json, nullptr) << body.dump();
    return json == nullptr ? Json() : *json;
  }
  static Names keys(const Json& object) {
    Names names;
    for (const auto& [key, value] : object.items()) names.push_back(key);
    return names;
  }

  Instance row_;
};

TEST_F(ServerSaidTest, ActionsAreListedByWhenTheyChanged) {
  auto listed = [&](const std::string& query, const std::string& minor) {
    Reply& reply = ask(UserRole::kReader, "GET", path("/os-instance-actions?" + query), "", version(minor));
    if (reply) return static_cast<size_t>(reply->status);
    InstanceAction early = action("create");
    early.finished_at = {early.started_at.us + 500'000};
    InstanceAction late = action("create");
    late.finished_at = {early.started_at.us + 2'500'000};
    answer_about_actions({late, early}, minor);
    return json_of(reply)["instanceActions"].size();
  };
  const std::string at = to_iso8601(WallTime{action("create").started_at.us + 1'000'000});
  EXPECT_EQ(listed("changes-since=" + at, "58"), 1u);
  EXPECT_EQ(listed("changes-before=" + at, "66"), 1u);
  EXPECT_EQ(listed("changes-since=" + at, "57"), 2u) << "it is not looked at";
  EXPECT_EQ(listed("changes-before=" + at, "65"), 400u);
  EXPECT_EQ(listed("colour=red", "58"), 400u);
  EXPECT_EQ(listed("changes-since=now", "58"), 400u);
  EXPECT_EQ(listed("changes-since=2030-01-01T00:00:00Z&changes-before=" + at, "66"), 400u);
}

TEST_F(ServerSaidTest, MetadataIsAddedByPostAndReplacedByPut) {
  for (const char* method : {"POST", "PUT"}) {
    Reply& reply = ask(UserRole::kMember, method, path("/metadata"), R"({"metadata": {"a": "1"}})");
    answer(said({}));
    SetServer asked_for = asked<SetServer>();
    EXPECT_EQ(asked_for.replaces_metadata, std::string(method) == "PUT");
    ASSERT_EQ(asked_for.set_metadata.size(), 1u);
    EXPECT_EQ(asked_for.set_metadata[0].key, "a");
    EXPECT_EQ(asked_for.set_metadata[0].value, "1");
    answer(said({.metadata = {{"a", "1"}}}));
    EXPECT_EQ(json_of(reply), (Json{{"metadata", {{"a", "1"}}}}));
  }
}

TEST_F(ServerSaidTest, OneItemMustBeTheOneOfThePath) {
  for (const char* body : {R"({"meta": {"b": "1"}})", R"({"meta": {"a": "1", "b": "1"}})", R"({"meta": {"a": 1}})"})
    EXPECT_EQ(ask_now(UserRole::kMember, "PUT", path("/metadata/a"), body).status, 400u) << body;
}

TEST_F(ServerSaidTest, ATagThatIsThereIsAnsweredAsSuch) {
  Reply& old = ask(UserRole::kMember, "PUT", path("/tags/blue"), "", version("26"));
  answer(said({.tags = {"blue"}}));
  EXPECT_EQ(asked<SetServer>().add_tags, Names{"blue"}) << "its state has a say first";
  answer(said({.tags = {"blue"}}));
  ASSERT_TRUE(old);
  EXPECT_EQ(old->status, 204u);
  Reply& added = ask(UserRole::kMember, "PUT", path("/tags/green"), "", version("26"));
  answer(said({.tags = {"blue"}}));
  EXPECT_EQ(asked<SetServer>().add_tags, Names{"green"});
  answer(said({.tags = {"blue", "green"}}));
  ASSERT_TRUE(added);
  EXPECT_EQ(added->status, 201u);
  EXPECT_EQ(ask_now(UserRole::kMember, "PUT", path("/tags/green"), "", version("25")).status, 404u);
}

TEST_F(ServerSaidTest, AnActionsFieldsFollowTheMicroversion) {
  Names first{"action", "instance_uuid", "message", "project_id", "request_id", "start_time", "user_id"};
  EXPECT_EQ(keys(shown(action("stop"), UserRole::kMember, "1")), first);
  Json at_58 = shown(action("stop"), UserRole::kMember, "58");
  EXPECT_EQ(at_58["updated_at"], "2026-11-23T14:05:12.000000");
  EXPECT_EQ(at_58["request_id"], "req-" + to_string(audit_));
}

TEST_F(ServerSaidTest, EventsHideTheHostFromMembers) {
  Json members = shown(action("stop"), UserRole::kMember, "62")["events"][0];
  EXPECT_EQ(members["event"], "compute_stop_instance");
  EXPECT_EQ(members["result"], "Success");
  EXPECT_EQ(members["hostId"], host_id(project_, "host-4"));
  EXPECT_FALSE(members.contains("host"));
  EXPECT_FALSE(members.contains("traceback"));
  Json admins = shown(action("stop"), UserRole::kAdmin, "62")["events"][0];
  EXPECT_EQ(admins["host"], "host-4");
  EXPECT_TRUE(admins.contains("traceback"));
  EXPECT_EQ(shown(action("lock"), UserRole::kAdmin, "1")["events"][0]["event"], "api_lock")
      << "no host has to do with it";
  EXPECT_EQ(shown(action("resetState"), UserRole::kAdmin, "1")["events"], Json::array());
}

TEST_F(ServerSaidTest, AnActionThatFailedSaysWhy) {
  InstanceAction failed = action("reboot");
  failed.failed = true;
  failed.message = "no power";
  Json json = shown(failed, UserRole::kAdmin, "84");
  EXPECT_EQ(json["message"], "no power");
  EXPECT_EQ(json["events"][0]["result"], "Error");
  EXPECT_EQ(json["events"][0]["details"], "no power");
  failed.failed = false;
  failed.finished_at = {};
  EXPECT_EQ(shown(failed, UserRole::kAdmin, "1")["events"][0]["result"], nullptr) << "it is under way";
}

}  // namespace
}  // namespace kilonova::api::openstack
