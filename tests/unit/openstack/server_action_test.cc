// POST /servers/{id}/action and what a guest shows: which operation a body asks for, and what is answered.
#include <gtest/gtest.h>

#include <string>

#include "domain/nouns/guest_view.h"
#include "domain/nouns/server.h"
#include "domain/nouns/server_request.h"
#include "tests/unit/openstack/front_world.h"

namespace kilonova::api::openstack {
namespace {

class ServerActionTest : public FrontWorld {
 protected:
  ServerActionTest() {
    row_.uuid = *parse_uuid("9fd8028d-250d-4412-b186-b0cd8a45f925");
    row_.name = "wire";
    row_.spec.project_id = project_;
    row_.vm_state = VmState::kActive;
    row_.task_state = TaskState::kNone;
  }
  std::string path(std::string below) const { return "/compute/v2.1/servers/" + to_string(row_.uuid) + below; }
  static http::Headers version(int minor) { return {{"X-OpenStack-Nova-API-Version", "2." + std::to_string(minor)}}; }
  // The action, with the server looked up; what the controller is asked then waits for its answer.
  Reply& act(const std::string& body, int minor = 1, UserRole role = UserRole::kMember) {
    Reply& reply = ask(role, "POST", path("/action"), body, version(minor));
    if (!reply) answer(ApiResponse(ServerList{{row_}, false, {}}));
    return reply;
  }
  unsigned refused(const std::string& body, int minor = 1, UserRole role = UserRole::kMember) {
    return ask_now(role, "POST", path("/action"), body, version(minor)).status;
  }
  static std::string header(const Reply& reply, std::string_view name) {
    for (const auto& [key, value] : reply->headers)
      if (key == name) return value;
    return "";
  }

  Instance row_;
};

TEST_F(ServerActionTest, PlainOnesAreRowsOfTheTable) {
  for (auto [key, action] :
       {std::pair("unrescue", ServerActionKind::kUnrescue), std::pair("restore", ServerActionKind::kRestore),
        std::pair("os-stop", ServerActionKind::kStop)}) {
    Reply& reply = act(std::string("{\"") + key + "\": null}");
    EXPECT_EQ(asked<ServerAction>().action, action);
    answer(ApiResponse(Empty{}));
    EXPECT_EQ(reply->status, 202u);
  }
}

TEST_F(ServerActionTest, AnAdminActsOnEveryProjectsServers) {
  row_.spec.project_id = audit_;
  Reply& reply = act(R"({"os-stop": null})", 1, UserRole::kAdmin);
  EXPECT_EQ(asked<ServerAction>().server, to_string(row_.uuid));
  answer(ApiResponse(Empty{}));
  EXPECT_EQ(reply->status, 202u);
}

TEST_F(ServerActionTest, AMemberDoesNotFindAnotherProjects) {
  Reply& reply = ask(UserRole::kMember, "POST", path("/action"), R"({"os-stop": null})");
  EXPECT_FALSE(asked<GetServer>().all_projects);
  answer(fail(ErrorCode::kNotFound, "server not found"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 404u);
}

TEST_F(ServerActionTest, AnActionIsThereInItsMicroversionsOnly) {
  EXPECT_EQ(refused(R"({"trigger_crash_dump": null})", 16), 404u);
  EXPECT_EQ(refused(R"({"trigger_crash_dump": 1})", 17), 400u);
  EXPECT_EQ(refused(R"({"os-getVNCConsole": {"type": "novnc"}})", 6), 404u);
  act(R"({"trigger_crash_dump": null})", 17);
  EXPECT_EQ(asked<ServerAction>().action, ServerActionKind::kCrashDump);
}

TEST_F(ServerActionTest, OnlyAdminsResetStates) {
  EXPECT_EQ(refused(R"({"os-resetState": {"state": "active"}})"), 403u);
  EXPECT_EQ(refused(R"({"os-resetState": {"state": "stopped"}})", 1, UserRole::kAdmin), 400u);
  Reply& reply = act(R"({"os-resetState": {"state": "error"}})", 1, UserRole::kAdmin);
  EXPECT_EQ(asked<ResetServerState>().state, VmState::kError);
  answer(ApiResponse(Empty{}));
  EXPECT_EQ(reply->status, 202u);
}

TEST_F(ServerActionTest, ARescueSaysThePassword) {
  Reply& given = act(R"({"rescue": {"adminPass": "secret"}})");
  EXPECT_EQ(asked<RescueServer>().image, "");
  answer(ApiResponse(Empty{}));
  EXPECT_EQ(given->status, 200u);
  EXPECT_EQ(json_of(given), (Json{{"adminPass", "secret"}}));
  Reply& drawn = act(R"({"rescue": null})");
  answer(ApiResponse(Empty{}));
  EXPECT_EQ(text_at(json_of(drawn), "adminPass").size(), 12u);
  Reply& without = act(R"({"rescue": {"rescue_image_ref": "9fd8028d-250d-4412-b186-b0cd8a45f925"}})");
  answer(fail(ErrorCode::kInvalidArgument, "image 'x' not found"));
  EXPECT_EQ(without->status, 400u);
  EXPECT_EQ(refused(R"({"rescue": {"image": "x"}})"), 400u);
}

TEST_F(ServerActionTest, ARebuildFollowsItsMicroversion) {
  const std::string image = R"("imageRef": "9fd8028d-250d-4412-b186-b0cd8a45f925")";
  EXPECT_EQ(refused("{\"rebuild\": {}}"), 400u) << "it needs an image";
  EXPECT_EQ(refused("{\"rebuild\": {" + image + R"(, "description": "x"}})", 18), 400u);
  EXPECT_EQ(refused("{\"rebuild\": {" + image + R"(, "key_name": "x"}})", 53), 400u);
  Reply& reply = act(
      "{\"rebuild\": {" + image + R"(, "name": "new", "adminPass": "p", "metadata": {"a": "b"}, "key_name": null}})",
      54);
  const RebuildServer request = asked<RebuildServer>();
  EXPECT_EQ(request.name, "new");
  EXPECT_TRUE(request.replaces_metadata);
  EXPECT_TRUE(request.sets_key_name);
  EXPECT_FALSE(request.sets_description);
  answer(ApiResponse(ServerList{{row_}, false, {}}));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 202u);
  EXPECT_NE(header(reply, "Location").find("/servers/" + to_string(row_.uuid)), std::string::npos);
  Json shown = *member(json_of(reply), "server");
  EXPECT_EQ(shown["adminPass"], "p");
  EXPECT_EQ(shown["key_name"], nullptr);
  EXPECT_FALSE(shown.contains("OS-EXT-STS:vm_state")) << "before 2.75";
  Reply& missing = act("{\"rebuild\": {" + image + "}}");
  answer(fail(ErrorCode::kInvalidArgument, "image 'x' not found"));
  EXPECT_NE(missing->body.find("Cannot find image for rebuild"), std::string::npos);
}

TEST_F(ServerActionTest, AnImageIsPlacedInAHeaderOrNamed) {
  const Image made{.id = audit_, .name = "snap"};
  Reply& early = act(R"({"createImage": {"name": "snap", "metadata": {"a": "b"}}})", 44);
  EXPECT_EQ(asked<CreateServerImage>().metadata.size(), 1u);
  answer(ApiResponse(ImageList{{made}, false}));
  EXPECT_EQ(early->status, 202u);
  EXPECT_EQ(header(early, "Location"), "http://here:8774/image/images/" + to_string(audit_));
  Reply& late = act(R"({"createImage": {"name": "snap"}})", 45);
  answer(ApiResponse(ImageList{{made}, false}));
  EXPECT_EQ(json_of(late), (Json{{"image_id", to_string(audit_)}}));
  Reply& backup = act(R"({"createBackup": {"name": "b", "backup_type": "daily", "rotation": "2"}})", 1);
  EXPECT_EQ(asked<CreateServerBackup>().rotation, 2);
  answer(ApiResponse(ImageList{{made}, false}));
  EXPECT_NE(header(backup, "Location").find("/images/" + to_string(audit_)), std::string::npos);
  Reply& none = act(R"({"createBackup": {"name": "b", "backup_type": "daily", "rotation": 0}})", 1);
  answer(ApiResponse(ImageList{{made}, false}));
  EXPECT_EQ(header(none, "Location"), "") << "it goes at once";
  EXPECT_EQ(refused(R"({"createBackup": {"name": "b", "backup_type": "daily", "rotation": -1}})"), 400u);
  EXPECT_EQ(refused(R"({"createImage": {"name": ""}})"), 400u);
}

TEST_F(ServerActionTest, TheConsolesLogIsCut) {
  Reply& all = act(R"({"os-getConsoleOutput": {}})");
  EXPECT_EQ(asked<GetConsoleOutput>().lines, -1);
  answer(ApiResponse(ConsoleOutput{"a\nb"}));
  EXPECT_EQ(json_of(all), (Json{{"output", "a\nb"}}));
  act(R"({"os-getConsoleOutput": {"length": "10"}})");
  EXPECT_EQ(asked<GetConsoleOutput>().lines, 10);
  EXPECT_EQ(refused(R"({"os-getConsoleOutput": {"length": -2}})"), 400u);
  EXPECT_EQ(refused(R"({"os-getConsoleOutput": {"lines": 3}})"), 400u);
}

TEST_F(ServerActionTest, ConsolesHaveAddresses) {
  Reply& old = act(R"({"os-getVNCConsole": {"type": "novnc"}})", 5);
  answer(ApiResponse(ConsoleUrl{"vnc", "novnc", "http://x"}));
  EXPECT_EQ(json_of(old), (Json{{"console", {{"type", "novnc"}, {"url", "http://x"}}}}));
  EXPECT_EQ(refused(R"({"os-getVNCConsole": {"type": "serial"}})", 5), 400u);
  Reply& reply = ask(UserRole::kMember, "POST", path("/remote-consoles"),
                     R"({"remote_console": {"protocol": "vnc", "type": "novnc"}})", version(6));
  answer(ApiResponse(ServerList{{row_}, false, {}}));
  answer(ApiResponse(ConsoleUrl{"vnc", "novnc", "http://x"}));
  EXPECT_EQ(json_of(reply), (Json{{"remote_console", {{"protocol", "vnc"}, {"type", "novnc"}, {"url", "http://x"}}}}));
  for (const char* body : {R"({"remote_console": {"protocol": "mks", "type": "webmks"}})",
                           R"({"remote_console": {"protocol": "spice", "type": "novnc"}})"})
    EXPECT_EQ(ask_now(UserRole::kMember, "POST", path("/remote-consoles"), body, version(7)).status, 400u) << body;
}

TEST_F(ServerActionTest, DiagnosticsHaveTwoForms) {
  ServerDiagnostics numbers{.power_state = PowerState::kRunning, .uptime_s = 5, .vcpus = 2, .memory_mb = 64};
  numbers.disks.emplace_back();
  numbers.nics.push_back({.mac = "fa:16:3e:00:00:01", .rx_octets = 9});
  auto shown = [&](int minor) {
    Reply& reply = ask(UserRole::kAdmin, "GET", path("/diagnostics"), "", version(minor));
    answer(ApiResponse(ServerList{{row_}, false, {}}));
    answer(ApiResponse(numbers));
    return json_of(reply);
  };
  Json flat = shown(47);
  EXPECT_EQ(flat["memory"], 64 * 1024);
  EXPECT_TRUE(flat.contains("cpu1_time"));
  EXPECT_EQ(flat["vnet0_rx"], 9);
  Json fixed = shown(48);
  EXPECT_EQ(fixed["state"], "running");
  EXPECT_EQ(fixed["num_cpus"], 2);
  EXPECT_EQ(fixed["nic_details"][0]["mac_address"], "fa:16:3e:00:00:01");
  EXPECT_EQ(ask_now(UserRole::kMember, "GET", path("/diagnostics")).status, 403u);
}

TEST_F(ServerActionTest, AServerHasNoNumaTopologyFrom78On) {
  Reply& reply = ask(UserRole::kReader, "GET", path("/topology"), "", version(78));
  answer(ApiResponse(ServerList{{row_}, false, {}}));
  EXPECT_EQ(json_of(reply), Json::parse(R"({"nodes": [], "pagesize_kb": null})"));
  EXPECT_EQ(ask_now(UserRole::kReader, "GET", path("/topology"), "", version(77)).status, 404u);
}

}  // namespace
}  // namespace kilonova::api::openstack
