// Keystone's tokens over those of the api-server.
#include <gtest/gtest.h>

#include <string>

#include "api-server/front/openstack/identity/facts.h"
#include "tests/unit/openstack/keystone_world.h"

namespace kilonova::api::openstack {
namespace {

using Token = KeystoneWorld;

TEST_F(Token, IsIssuedForAPassword) {
  Json scope{{"project", {{"name", "work"}, {"domain", {{"name", "Default"}}}}}};
  http::Response reply = log_in(by_password("demo", "secret of demo", scope));
  ASSERT_EQ(reply.status, 201u) << reply.body;
  EXPECT_TRUE(core_.check_token(token_of(reply)));
  Json body = json(reply);
  EXPECT_EQ(*member_at(body, {"token", "project", "name"}), "work");
  EXPECT_EQ(*member_at(body, {"token", "user", "id"}), to_hex(user_));
  EXPECT_EQ(member_at(body, {"token", "roles"})->size(), 2u) << "member, and reader with it";
  EXPECT_EQ(member_at(body, {"token", "catalog"})->size(), 5u);
  EXPECT_EQ(log_in(by_password("demo", "secret of admin", scope)).status, 401u);
  EXPECT_EQ(log_in(by_password("nobody", "secret of demo", scope)).status, 401u);
}

TEST_F(Token, WhatIsNoLogInIsRefused) {
  auto post = [this](const Json& body) { return log_in(body).status; };
  EXPECT_EQ(post(Json::object()), 400u);
  EXPECT_EQ(post({{"auth", 1}}), 400u);
  EXPECT_EQ(post({{"auth", Json::object()}}), 400u);
  EXPECT_EQ(post({{"auth", {{"identity", Json::object()}}}}), 400u);
  EXPECT_EQ(post({{"auth", {{"identity", {{"methods", {"password"}}, {"password", {{"user", "x"}}}}}}}}), 400u);
  EXPECT_EQ(post({{"auth", {{"identity", {{"methods", {"oauth1"}}}}}}}), 401u);
  EXPECT_EQ(post({{"auth", {{"identity", {{"methods", "password"}}}}}}), 401u);
  EXPECT_EQ(post({{"auth", {{"identity", {{"methods", {7}}}}}}}), 401u);
  EXPECT_EQ(post({{"auth", {{"identity", {{"methods", Json::array()}}}}}}), 401u);
  EXPECT_EQ(post({{"auth", {{"identity", {{"methods", {"application_credential"}}}}}}}), 400u);
  EXPECT_EQ(post(by_password("demo", "secret of demo", {{"project", {{"name", "work"}}}})), 400u) << "no domain";
  EXPECT_EQ(post(by_password("demo", "secret of demo", {{"project", 7}})), 400u);
  EXPECT_EQ(post(by_password("demo", "secret of demo", {{"domain", Json::object()}})), 400u);
  EXPECT_EQ(post(by_password("demo", "secret of demo", {{"nothing", Json::object()}})), 400u);
  EXPECT_EQ(post(by_password("demo", "secret of demo", Json::array({1}))), 400u);
  EXPECT_EQ(post(by_password("demo", "secret of demo", {{"system", {{"all", true}}}, {"domain", {{"id", "default"}}}})),
            400u);
  EXPECT_EQ(transport_.count<ApiCall>(), 0u);
  Json elsewhere = by_password("demo", "secret of demo");
  elsewhere["auth"]["identity"]["password"]["user"]["domain"] = {{"id", "other"}};
  EXPECT_EQ(post(elsewhere), 401u);
  EXPECT_EQ(post(by_password("demo", "secret of demo", {{"system", {{"all", true}}}})), 401u);
  EXPECT_EQ(post(by_password("demo", "secret of demo", {{"domain", {{"id", "default"}}}})), 401u);
  EXPECT_EQ(post(by_password("demo", "secret of demo", {{"OS-TRUST:trust", {{"id", "none"}}}})), 401u);
}

TEST_F(Token, WithoutAScopeHasNoRolesAndOpensWhatIsItsUsersOwn) {
  http::Response reply = log_in(by_password("demo", "secret of demo"));
  ASSERT_EQ(reply.status, 201u) << reply.body;
  for (const char* key : {"project", "roles", "catalog", "domain"})
    EXPECT_EQ(member_at(json(reply), {"token", key}), nullptr) << key;
  std::string token = token_of(reply);
  Json projects = json(send("GET", "/v3/auth/projects", nullptr, token));
  ASSERT_EQ(projects["projects"].size(), 1u);
  EXPECT_EQ(projects["projects"][0]["name"], "work");
  EXPECT_EQ(send("GET", "/v3/users/" + to_hex(user_) + "/projects", nullptr, token).status, 200u);
  EXPECT_EQ(send("GET", "/v3/users/" + to_hex(project_) + "/projects", nullptr, token).status, 403u);
  EXPECT_EQ(send("GET", "/v3/auth/catalog", nullptr, token).status, 403u);
  EXPECT_EQ(send("GET", "/v3/projects", nullptr, token).status, 403u);
  EXPECT_EQ(ask(UserRole::kNone, "GET", "/compute/v2.1/servers", "", {{"X-Auth-Token", token}})->status, 403u);
}

TEST_F(Token, OfAUserWithADefaultProjectIsForIt) {
  put("user-extras", to_hex(user_), "", {{"default_project_id", to_hex(project_)}});
  EXPECT_EQ(*member_at(json(log_in(by_password("demo", "secret of demo"))), {"token", "project", "name"}), "work");
  EXPECT_EQ(member_at(json(log_in(by_password("demo", "secret of demo", "unscoped"))), {"token", "project"}), nullptr);
  roles_.clear();
  EXPECT_EQ(member_at(json(log_in(by_password("demo", "secret of demo"))), {"token", "project"}), nullptr);
}

TEST_F(Token, OfARoleOfOnesOwnHasThatRole) {
  roles_.clear();
  put("role", "chef", "", {{"name", "chef"}, {"domain_id", nullptr}});
  put("grant", "g", to_hex(user_),
      {{"target", "project"},
       {"target_id", to_hex(project_)},
       {"actor", "user"},
       {"actor_id", to_hex(user_)},
       {"role", "chef"},
       {"inherited", false}});
  http::Response reply = log_in(by_password("demo", "secret of demo", to_project(project_)));
  ASSERT_EQ(reply.status, 201u) << reply.body;
  EXPECT_EQ(*member_at(json(reply), {"token", "roles"}), Json::array({{{"id", "chef"}, {"name", "chef"}}}));
  EXPECT_EQ(core_.check_token(token_of(reply))->role, UserRole::kNone);
  EXPECT_EQ(send("GET", "/v3/auth/catalog", nullptr, token_of(reply)).status, 200u);
}

TEST_F(Token, OfADomainCountsWithKeystoneAlone) {
  put("grant", "g", to_hex(user_),
      {{"target", "domain"},
       {"target_id", "default"},
       {"actor", "user"},
       {"actor_id", to_hex(user_)},
       {"role", role_id(UserRole::kAdmin)},
       {"inherited", false}});
  http::Response reply = log_in(by_password("demo", "secret of demo", {{"domain", {{"name", "Default"}}}}));
  ASSERT_EQ(reply.status, 201u) << reply.body;
  EXPECT_EQ(*member_at(json(reply), {"token", "domain", "id"}), "default");
  std::string token = token_of(reply);
  EXPECT_EQ(send("GET", "/v3/projects", nullptr, token).status, 200u);
  EXPECT_EQ(json(send("GET", "/v3/auth/domains", nullptr, token))["domains"].size(), 1u);
  EXPECT_EQ(ask(UserRole::kNone, "GET", "/compute/v2.1/servers", "", {{"X-Auth-Token", token}})->status, 403u);
}

TEST_F(Token, IsRescopedNoLongerThanItWas) {
  std::string mine = token_of(log_in(by_password("demo", "secret of demo")));
  http::Response reply = log_in(by_token(mine, to_project(project_)));
  ASSERT_EQ(reply.status, 201u) << reply.body;
  auto before = core_.check_token(mine), after = core_.check_token(token_of(reply));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->expires_at, before->expires_at);
  EXPECT_EQ(after->role, UserRole::kMember) << "the role is looked up";
  EXPECT_EQ(after->first_audit_id, before->audit_id);
  EXPECT_EQ(*member_at(json(reply), {"token", "methods"}), Json::array({"token", "password"}));
  EXPECT_EQ(log_in(by_token("kn1.nonsense")).status, 401u);
}

TEST_F(Token, IsShownToItsUserAndToAdmins) {
  std::string subject = member_token();
  http::Response own = send("GET", "/v3/auth/tokens?nocatalog", nullptr, subject, {{"X-Subject-Token", subject}});
  EXPECT_EQ(own.status, 200u) << own.body;
  EXPECT_EQ(*http::find_header(own.headers, "X-Subject-Token"), subject);
  EXPECT_EQ(member_at(json(own), {"token", "catalog"}), nullptr);
  EXPECT_EQ(send("HEAD", "/v3/auth/tokens", nullptr, subject, {{"X-Subject-Token", subject}}).status, 200u);
  Uuid other = *parse_uuid("000000000000000000000000000000ff");
  add_user(other, "other");
  std::string others = token_of(log_in(by_password("other", "secret of other")));
  EXPECT_EQ(send("GET", "/v3/auth/tokens", nullptr, others, {{"X-Subject-Token", subject}}).status, 403u);
  EXPECT_EQ(send("GET", "/v3/auth/tokens", nullptr, token(UserRole::kAdmin), {{"X-Subject-Token", others}}).status,
            200u);
  EXPECT_EQ(send("GET", "/v3/auth/tokens", nullptr, subject, {{"X-Subject-Token", "nonsense"}}).status, 404u);
  EXPECT_EQ(send("GET", "/v3/auth/tokens", nullptr, subject).status, 404u);
  users_.front().enabled = false;
  EXPECT_EQ(send("GET", "/v3/auth/tokens", nullptr, token(UserRole::kAdmin), {{"X-Subject-Token", subject}}).status,
            404u);
}

TEST_F(Token, IsGoodForNothingOnceItIsRevoked) {
  std::string subject = member_token(), other = member_token();
  EXPECT_EQ(send("DELETE", "/v3/auth/tokens", nullptr, other, {{"X-Subject-Token", subject}}).status, 204u);
  EXPECT_FALSE(core_.check_token(subject));
  EXPECT_EQ(send("GET", "/v3/auth/tokens", nullptr, other, {{"X-Subject-Token", subject}}).status, 404u);
  EXPECT_EQ(send("GET", "/v3/auth/projects", nullptr, subject).status, 401u);
  EXPECT_TRUE(core_.check_token(other));
}

TEST_F(Token, OfBeforeAChangeOfThePasswordIsGoodForNothing) {
  std::string before = member_token();
  Json change{{"user", {{"original_password", "secret of demo"}, {"password", "another"}}}};
  std::string path = "/v3/users/" + to_hex(user_) + "/password";
  EXPECT_EQ(send("POST", path, {{"user", {{"original_password", "wrong"}, {"password", "another"}}}}).status, 401u);
  EXPECT_TRUE(core_.check_token(before));
  EXPECT_EQ(send("POST", path, change).status, 204u);
  EXPECT_FALSE(core_.check_token(before));
  http::Response after = log_in(by_password("demo", "another", to_project(project_)));
  ASSERT_EQ(after.status, 201u) << after.body;
  EXPECT_TRUE(core_.check_token(token_of(after)));
}

}  // namespace
}  // namespace kilonova::api::openstack
