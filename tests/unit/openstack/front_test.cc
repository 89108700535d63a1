// What is alike for every route: where services are, errors in each one's form, headers.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/openstack/front_world.h"

namespace kilonova::api::openstack {
namespace {

class FrontTest : public FrontWorld {
 protected:
  static std::string header(const http::Response& response, std::string_view name) {
    const std::string* value = http::find_header(response.headers, name);
    return value == nullptr ? "" : *value;
  }
};

TEST_F(FrontTest, EveryServiceTellsItsVersionsWithoutAToken) {
  for (auto [path, status] :
       {std::pair("/identity", 300u), std::pair("/identity/", 300u), std::pair("/identity/v3", 200u),
        std::pair("/identity/v3/", 200u), std::pair("/compute", 200u), std::pair("/compute/v2.1", 200u),
        std::pair("/compute/v2.1/", 200u), std::pair("/compute/v2", 200u), std::pair("/image", 300u),
        std::pair("/image/versions", 200u), std::pair("/networking", 200u), std::pair("/network/", 200u),
        std::pair("/placement", 200u)})
    EXPECT_EQ(ask_now(UserRole::kNone, "GET", path).status, status) << path;
}

TEST_F(FrontTest, LinksNameTheHostThatTheClientSaid) {
  EXPECT_NE(ask_now(UserRole::kNone, "GET", "/identity").body.find("http://here:8774/identity/v3/"), std::string::npos);
  http::Request strange{
      .method = "GET", .target = "/identity", .headers = {{"Host", "a\"b<c>"}}, .client = {"127.0.0.1", 4711}};
  Reply reply;
  scope_->spawn(run_front(&front_, strange, &reply));
  settle();
  EXPECT_NE(reply->body.find("http://127.0.0.1:8774/identity/v3/"), std::string::npos);
}

TEST_F(FrontTest, EveryAnswerHasARequestId) {
  const char* id = "req-f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
  http::Response response = ask_now(UserRole::kNone, "GET", "/compute/v2.1", "", {{"X-Openstack-Request-Id", id}});
  EXPECT_EQ(header(response, "x-openstack-request-id"), id);
  EXPECT_EQ(header(response, "x-compute-request-id"), id);
  response = ask_now(UserRole::kNone, "GET", "/image/v2/images", "", {{"X-Openstack-Request-Id", "req-nonsense"}});
  EXPECT_TRUE(header(response, "x-openstack-request-id").starts_with("req-"));
  EXPECT_NE(header(response, "x-openstack-request-id"), "req-nonsense");
}

TEST_F(FrontTest, TheTraceGoesToTheController) {
  ask(UserRole::kReader, "GET", "/compute/v2.1/flavors", "",
      {{"X-Openstack-Request-Id", "req-f81d4fae-7dec-11d0-a765-00a0c91e6bf6"},
       {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}});
  auto calls = transport_.all_to<ApiCall>(kController);
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(to_string(calls.front().context.trace.request_id), "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  EXPECT_EQ(to_hex(calls.front().context.trace.trace_id), "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST_F(FrontTest, WithoutATokenItIsKeystonesMiddlewareThatAnswers) {
  for (const char* path : {"/compute/v2.1/servers", "/compute/v2.1/no/such/path", "/image/v2/images",
                           "/networking/v2.0/networks", "/identity/v3/users"}) {
    http::Response response = ask_now(UserRole::kNone, "GET", path);
    EXPECT_EQ(response.status, 401u) << path;
    EXPECT_EQ(header(response, "WWW-Authenticate"), "Keystone uri=\"http://here:8774/identity\"");
    Json error = *parse_json(response.body);
    EXPECT_EQ(*member_at(error, {"error", "code"}), 401);
    EXPECT_EQ(*member_at(error, {"error", "title"}), "Unauthorized");
    EXPECT_EQ(header(response, "X-OpenStack-Nova-API-Version"), "");
  }
  http::Response bad = ask_now(UserRole::kNone, "GET", "/compute/v2.1/servers", "", {{"X-Auth-Token", "kn1.bad.bad"}});
  EXPECT_EQ(bad.status, 401u);
}

TEST_F(FrontTest, ErrorsHaveTheFormOfTheirService) {
  Json nova = *parse_json(ask_now(UserRole::kReader, "GET", "/compute/v2.1/servers/none").body);
  EXPECT_EQ(nova, (Json{{"itemNotFound", {{"code", 404}, {"message", "Instance none could not be found."}}}}));
  Json keystone = *parse_json(ask_now(UserRole::kReader, "GET", "/identity/v3/users").body);
  EXPECT_EQ(keystone,
            (Json{{"error",
                   {{"code", 403},
                    {"message", "You are not authorized to perform the requested action: identity:list_users."},
                    {"title", "Forbidden"}}}}));
  Json glance = *parse_json(ask_now(UserRole::kReader, "GET", "/image/v2/images/none").body);
  EXPECT_EQ(glance, (Json{{"message", "No image found with ID none<br /><br />\n\n\n"},
                          {"code", "404 Not Found"},
                          {"title", "Not Found"}}));
  Json neutron = *parse_json(ask_now(UserRole::kReader, "GET", "/networking/v2.0/networks/none").body);
  EXPECT_EQ(neutron,
            (Json{{"NeutronError",
                   {{"type", "NetworkNotFound"}, {"message", "Network none could not be found."}, {"detail", ""}}}}));
}

TEST_F(FrontTest, GlanceWritesHtmlForWhoDoesNotAskForJson) {
  http::Request request{"GET",
                        "/image/v2/images/%3Cb%3E",
                        {{"Host", "h"}, {"Accept", "*/*"}, {"X-Auth-Token", token(UserRole::kReader)}},
                        "",
                        nullptr,
                        {"127.0.0.1", 4711},
                        false,
                        {},
                        {}};
  Reply reply;
  scope_->spawn(run_front(&front_, request, &reply));
  settle();
  EXPECT_EQ(header(*reply, "Content-Type"), "text/html; charset=UTF-8");
  EXPECT_NE(reply->body.find("<title>404 Not Found</title>"), std::string::npos);
  EXPECT_NE(reply->body.find("&lt;b&gt;"), std::string::npos) << "a client's words are no markup";
}

TEST_F(FrontTest, NovaHasNoMethodNotAllowed) {
  for (auto [method, path] :
       {std::pair("GET", "/compute/v2.1/no/such/path"), std::pair("PATCH", "/compute/v2.1/servers"),
        std::pair("HEAD", "/compute/v2.1/servers"), std::pair("GET", "/compute/v2.1/servers/x/y/z/a/b")}) {
    http::Response response = ask_now(UserRole::kAdmin, method, path);
    EXPECT_EQ(response.status, 404u) << path;
    EXPECT_EQ(*parse_json(response.body), (Json{{"message", "The resource could not be found.<br /><br />\n\n\n"},
                                                {"code", "404 Not Found"},
                                                {"title", "Not Found"}}));
  }
  http::Response glance = ask_now(UserRole::kAdmin, "PUT", "/image/v2/images");
  EXPECT_EQ(glance.status, 405u);
  EXPECT_EQ(header(glance, "Allow"), "GET, POST");
}

TEST_F(FrontTest, MicroversionsAreNegotiated) {
  http::Response response =
      ask_now(UserRole::kReader, "GET", "/compute/v2.1/servers/x", "", {{"OpenStack-API-Version", "compute latest"}});
  EXPECT_EQ(header(response, "OpenStack-API-Version"), "compute 2.93");
  EXPECT_EQ(header(response, "X-OpenStack-Nova-API-Version"), "2.93");
  EXPECT_EQ(header(response, "Vary"), "OpenStack-API-Version");
  response =
      ask_now(UserRole::kReader, "GET", "/compute/v2.1/servers", "", {{"X-OpenStack-Nova-API-Version", "2.999"}});
  EXPECT_EQ(response.status, 406u);
  EXPECT_EQ(header(response, "X-OpenStack-Nova-API-Version"), "2.999");
  EXPECT_NE(response.body.find("computeFault"), std::string::npos);
  response = ask_now(UserRole::kReader, "GET", "/compute/v2.1/servers", "", {{"X-OpenStack-Nova-API-Version", "abc"}});
  EXPECT_EQ(response.status, 400u);
  EXPECT_EQ(header(response, "X-OpenStack-Nova-API-Version"), "");
}

TEST_F(FrontTest, ARouteIsThereInItsMicroversionsOnly) {
  auto tags = [&](const char* version) {
    return ask(UserRole::kReader, "GET", "/compute/v2.1/servers/11111111-1111-1111-1111-111111111111/tags", "",
               {{"X-OpenStack-Nova-API-Version", version}});
  };
  ASSERT_TRUE(tags("2.25"));
  EXPECT_EQ(tags("2.25")->status, 404u);
  EXPECT_NE(tags("2.25")->body.find("itemNotFound"), std::string::npos) << "Nova's usual form";
  EXPECT_EQ(header(*tags("2.25"), "X-OpenStack-Nova-API-Version"), "2.25");
  EXPECT_FALSE(tags("2.26")) << "the controller is asked";
}

TEST_F(FrontTest, BodiesThatAreNoneAreRefused) {
  std::string deep(60'000, '[');
  for (const std::string& body :
       {std::string("{"), std::string("\xff"), deep, std::string("{\"server\": \"\xc3\x28\"}")}) {
    http::Response response = ask_now(UserRole::kMember, "POST", "/compute/v2.1/servers", body);
    EXPECT_EQ(response.status, 400u);
    EXPECT_NE(response.body.find("Malformed request body"), std::string::npos);
  }
  for (const char* body : {"null", "[]", "3", "\"x\"", "{}", "{\"server\": null}", "{\"server\": []}",
                           "{\"server\": {\"name\": {}, \"flavorRef\": []}}"})
    EXPECT_EQ(ask_now(UserRole::kMember, "POST", "/compute/v2.1/servers", body).status, 400u) << body;
  http::Response empty = ask_now(UserRole::kMember, "POST", "/compute/v2.1/servers");
  EXPECT_NE(empty.body.find("None is not of type 'object'"), std::string::npos);
}

TEST_F(FrontTest, AnActionIsTheOneKeyOfItsBody) {
  const char* path = "/compute/v2.1/servers/11111111-1111-1111-1111-111111111111/action";
  auto message = [&](const char* body) {
    return text_at(*member(*parse_json(ask_now(UserRole::kMember, "POST", path, body).body), "badRequest"), "message");
  };
  EXPECT_EQ(message("{}"), "Malformed request body");
  EXPECT_EQ(message("{\"os-stop\": null, \"os-start\": null}"), "Malformed request body");
  EXPECT_EQ(message("{\"noSuchAction\": null}"), "There is no such action: noSuchAction");
  EXPECT_EQ(
      message("{\"reboot\": {\"type\": \"sOFT\"}}"),
      "Invalid input for field/attribute type. Value: sOFT. 'sOFT' is not one of ['HARD', 'Hard', 'hard', 'SOFT', "
      "'Soft', 'soft']");
  EXPECT_EQ(ask_now(UserRole::kMember, "POST", path, "{\"injectNetworkInfo\": null}").status, 403u);
  EXPECT_EQ(ask_now(UserRole::kMember, "POST", path, "{\"resetNetwork\": null}").status, 410u);
  EXPECT_FALSE(ask(UserRole::kMember, "POST", path, "{\"os-stop\": null}"));
}

TEST_F(FrontTest, WhatTheControllerSaysIsAStatus) {
  struct Case {
    ErrorCode code;
    unsigned status;
    const char* name;
  };
  for (Case c :
       {Case{ErrorCode::kConflict, 409, "conflictingRequest"}, Case{ErrorCode::kQuotaExceeded, 403, "forbidden"},
        Case{ErrorCode::kUnavailable, 503, "serviceUnavailable"},
        Case{ErrorCode::kResourceExhausted, 503, "serviceUnavailable"},
        Case{ErrorCode::kDeadlineExceeded, 504, "computeFault"}, Case{ErrorCode::kInternal, 500, "computeFault"}}) {
    Reply& reply = ask(UserRole::kReader, "GET", "/compute/v2.1/flavors");
    answer(fail(c.code, "words"));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, c.status);
    EXPECT_EQ(text_at(*member(json_of(reply), c.name), "message"), "words");
  }
}

TEST_F(FrontTest, PathsOfNoServiceAre404) {
  EXPECT_EQ(ask_now(UserRole::kNone, "GET", "/").status, 404u);
  EXPECT_EQ(ask_now(UserRole::kNone, "GET", "/volume/v3").status, 404u);
  EXPECT_EQ(ask_now(UserRole::kNone, "GET", "/%ff").status, 400u);
}

}  // namespace
}  // namespace kilonova::api::openstack
