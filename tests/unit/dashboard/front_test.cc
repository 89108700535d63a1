// What the dashboard answers over HTTP: the page's files, and the operations that the page asks.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "domain/nouns/flavor.h"
#include "domain/nouns/host.h"
#include "domain/nouns/server.h"
#include "tests/unit/dashboard/dashboard_world.h"

namespace kilonova::api::dashboard {
namespace {

http::Request head_of(std::string method, std::string target, std::string accept) {
  return {.method = std::move(method), .target = std::move(target), .headers = {{"Accept", std::move(accept)}}};
}

class DashboardFrontTest : public DashboardWorld {};

TEST_F(DashboardFrontTest, TakesTheRootOfBrowsersAlone) {
  EXPECT_TRUE(DashboardFront::takes(head_of("GET", "/", "text/html,application/xhtml+xml,*/*;q=0.8")));
  EXPECT_TRUE(DashboardFront::takes(head_of("HEAD", "/?a=b", "text/html")));
  EXPECT_TRUE(DashboardFront::takes(head_of("GET", "/dashboard", "")));
  EXPECT_TRUE(DashboardFront::takes(head_of("POST", "/dashboard/v1/ListServers", "")));
  EXPECT_FALSE(DashboardFront::takes(head_of("GET", "/", "application/json")));
  EXPECT_FALSE(DashboardFront::takes(head_of("GET", "/", "*/*")));
  EXPECT_FALSE(DashboardFront::takes(head_of("GET", "/", "")));
  EXPECT_FALSE(DashboardFront::takes(head_of("POST", "/", "text/html")));
  EXPECT_FALSE(DashboardFront::takes(head_of("GET", "/dashboards", "text/html")));
  EXPECT_FALSE(DashboardFront::takes(head_of("GET", "/compute/v2.1", "text/html")));
}

TEST_F(DashboardFrontTest, ServesThePageAndItsFiles) {
  http::Response page = get("/");
  EXPECT_EQ(page.status, 200u);
  EXPECT_EQ(header(page, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_TRUE(page.body.starts_with("<!doctype html>"));
  EXPECT_EQ(get("/dashboard").body, page.body);
  EXPECT_EQ(get("/dashboard/").body, page.body);
  EXPECT_EQ(get("/dashboard/assets/app.js").status, 200u);
  EXPECT_EQ(get("/dashboard/assets/htm/htm-preact.js").status, 200u);
  EXPECT_EQ(get("/dashboard/assets/nothing.js").status, 404u);
  EXPECT_EQ(get("/dashboard/assets/../../etc/passwd").status, 404u);
  EXPECT_EQ(get("/dashboard/assets").status, 404u);
  EXPECT_EQ(get("/dashboard/elsewhere").status, 404u);
  EXPECT_EQ(get("/dashboard/%zz").status, 404u);
  auto put = request(UserRole::kNone, "PUT", "/dashboard/assets/app.js");
  EXPECT_EQ(put->status, 405u);
  EXPECT_EQ(header(*put, "Allow"), "GET, HEAD");
}

TEST_F(DashboardFrontTest, AFileThatIsKnownIsNotSentAgain) {
  http::Response first = get("/dashboard/assets/app.js");
  const std::string tag = header(first, "ETag");
  ASSERT_FALSE(tag.empty());
  EXPECT_EQ(header(first, "Cache-Control"), "no-cache");
  http::Response again = get("/dashboard/assets/app.js", {{"If-None-Match", tag}});
  EXPECT_EQ(again.status, 304u);
  EXPECT_TRUE(again.body.empty());
  EXPECT_EQ(header(again, "ETag"), tag);
  EXPECT_EQ(get("/dashboard/assets/app.js", {{"If-None-Match", "\"other\""}}).status, 200u);
}

TEST_F(DashboardFrontTest, EveryAnswerHasTheHeadersThatKeepOthersOut) {
  for (const char* target : {"/", "/dashboard/assets/app.js", "/dashboard/nothing", "/dashboard/v1/hosts"}) {
    http::Response response = get(target);
    const std::string policy = header(response, "Content-Security-Policy");
    EXPECT_TRUE(
        policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                           "connect-src 'self';"))
        << target;
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff") << target;
    EXPECT_EQ(header(response, "X-Frame-Options"), "DENY") << target;
    EXPECT_EQ(header(response, "Referrer-Policy"), "no-referrer") << target;
  }
}

TEST_F(DashboardFrontTest, AnOperationIsAskedAndShown) {
  Reply& reply = request(UserRole::kMember, "POST", "/dashboard/v1/ListServers", R"({"limit": 7, "name": "web"})");
  const ApiCall call = sent();
  const ListServers* asked = get_if<ListServers>(&call.request);
  ASSERT_NE(asked, nullptr);
  EXPECT_EQ(asked->limit, 7u);
  EXPECT_EQ(asked->name, "web");
  Instance server;
  server.uuid = *parse_uuid("00000000000000000000000000000001");
  server.name = "<script>alert(1)</script>";
  server.current.host = "host-1";
  answer(ApiResponse(ServerList{.servers = {server}}));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200u);
  EXPECT_EQ(header(*reply, "Content-Type"), "application/json");
  EXPECT_EQ(header(*reply, "Cache-Control"), "no-store");
  EXPECT_TRUE(header(*reply, "x-openstack-request-id").starts_with("req-"));
  auto json = json_of(reply->body);
  ASSERT_EQ(json["servers"].size(), 1u);
  EXPECT_EQ(json["servers"][0]["name"], server.name);
  EXPECT_EQ(json["servers"][0]["host"], "") << "which host it is on is the administrators'";
  EXPECT_EQ(json["more"], false);
}

TEST_F(DashboardFrontTest, ARefusalSaysWhy) {
  struct Case {
    UserRole role;
    const char* method;
    const char* target;
    const char* body;
    unsigned status;
    const char* says;
  };
  for (const Case& one : std::vector<Case>{
           {UserRole::kNone, "POST", "/dashboard/v1/ListServers", "{}", 401, ""},
           {UserRole::kNone, "GET", "/dashboard/v1/events", "", 401, ""},
           {UserRole::kMember, "POST", "/dashboard/v1/ListHosts", "{}", 403, "ListHosts"},
           {UserRole::kMember, "GET", "/dashboard/v1/hosts", "", 403, "ListHosts"},
           {UserRole::kMember, "GET", "/dashboard/v1/events?all_projects=true", "", 403, ""},
           {UserRole::kMember, "GET", "/dashboard/v1/events?cloud_events=true", "", 403, ""},
           {UserRole::kReader, "POST", "/dashboard/v1/CreateServers", "not json", 403, ""},
           {UserRole::kMember, "POST", "/dashboard/v1/CreateServers", "not json", 400, "CreateServersRequest"},
           {UserRole::kMember, "POST", "/dashboard/v1/CreateServers", R"({"nme": "a"})", 400, "nme"},
           {UserRole::kMember, "POST", "/dashboard/v1/CreateServers", "{\"name\": \"\xff\"}", 400, "UTF-8"},
           {UserRole::kMember, "POST", "/dashboard/v1/CreateServers", R"({"name": ""})", 400, "name"},
           {UserRole::kMember, "POST", "/dashboard/v1/Nothing", "{}", 404, "kilonova.v1.Cloud"},
           {UserRole::kMember, "POST", "/dashboard/v1/FindUser", "{}", 404, "kilonova.v1.Cloud"},
           {UserRole::kMember, "GET", "/dashboard/v1/ListServers", "", 405, "POST"},
           {UserRole::kMember, "POST", "/dashboard/v1/events", "", 405, "GET"},
       }) {
    Reply& reply = request(one.role, one.method, one.target, one.body);
    ASSERT_TRUE(reply) << one.target;
    EXPECT_EQ(reply->status, one.status) << one.target << ": " << reply->body;
    const std::string said = json_of(reply->body)["error"]["message"];
    EXPECT_NE(said.find(one.says), std::string::npos) << one.target << ": " << said;
  }
  EXPECT_TRUE(transport_.all_to<ApiCall>(kController).empty()) << "the controller was asked for nothing";
}

TEST_F(DashboardFrontTest, JsonThatIsNestedWithoutEndIsRefused) {
  const std::string deep = std::string(50'000, '[') + std::string(50'000, ']');
  Reply& reply = request(UserRole::kMember, "POST", "/dashboard/v1/CreateServers", R"({"name": )" + deep + "}");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 400u);
}

TEST_F(DashboardFrontTest, WhatTheControllerRefusesIsTold) {
  Reply& reply = request(UserRole::kMember, "POST", "/dashboard/v1/GetServer", R"({"server": "gone"})");
  answer(fail(ErrorCode::kNotFound, "no server is called \"gone\""));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 404u);
  EXPECT_EQ(json_of(reply->body)["error"]["code"], "not found");
  EXPECT_EQ(json_of(reply->body)["error"]["message"], "no server is called \"gone\"");
}

TEST_F(DashboardFrontTest, HostsAreRowsOfValues) {
  Reply& reply = request(UserRole::kAdmin, "GET", "/dashboard/v1/hosts?marker=host-0");
  const ApiCall call = sent();
  const ListHosts* asked = get_if<ListHosts>(&call.request);
  ASSERT_NE(asked, nullptr);
  EXPECT_EQ(asked->marker, "host-0");
  HostView view;
  view.host.name = "host-\"1\"";
  view.host.total = {.vcpus = 64, .memory_mb = 1024, .disk_gb = 10};
  view.host.process = {Role::kCompute, 3};
  view.used.vcpus = 8;
  view.instances = 2;
  view.up = true;
  answer(ApiResponse(HostList{.hosts = {view, view}, .more = true}));
  ASSERT_TRUE(reply);
  auto json = json_of(reply->body);
  EXPECT_EQ(json["more"], true);
  ASSERT_EQ(json["hosts"].size(), 2u);
  EXPECT_EQ(json["hosts"][0].size(), json["columns"].size());
  EXPECT_EQ(openstack::to_text(json["hosts"][0]), R"(["host-\"1\"","nova","compute-3",1,1,0,2,64,8,1024,0,10,0])");
}

}  // namespace
}  // namespace kilonova::api::dashboard
