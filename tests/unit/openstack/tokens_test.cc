// Keystone's tokens over those of the api-server.
#include <gtest/gtest.h>

#include <string>

#include "domain/nouns/user.h"
#include "tests/unit/openstack/front_world.h"

namespace kilonova::api::openstack {
namespace {

class TokensTest : public FrontWorld {
 protected:
  static Json by_password(const char* user, const char* password, Json scope = nullptr) {
    Json auth{{"identity",
               {{"methods", {"password"}},
                {"password", {{"user", {{"name", user}, {"password", password}, {"domain", {{"id", "default"}}}}}}}}}};
    if (!scope.is_null()) auth["scope"] = std::move(scope);
    return {{"auth", std::move(auth)}};
  }
  FoundUser found(UserRole role) {
    FoundUser found;
    found.user = {user_, "demo", "", true};
    found.project = {project_, "work", "", true};
    found.role = role;
    return found;
  }
  Reply& post(const Json& body) { return ask(UserRole::kNone, "POST", "/identity/v3/auth/tokens", to_text(body)); }
};

TEST_F(TokensTest, AreIssuedForAPassword) {
  Reply& reply =
      post(by_password("demo", "secret", {{"project", {{"name", "work"}, {"domain", {{"name", "Default"}}}}}}));
  EXPECT_EQ(asked<FindUser>().user, "demo");
  EXPECT_EQ(asked<FindUser>().project, "work");
  FoundUser user = found(UserRole::kMember);
  user.user.password_hash = "scrypt$fake$secret";
  answer(ApiResponse(user));
  settle();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 201u) << reply->body;
  const std::string* token = http::find_header(reply->headers, "X-Subject-Token");
  ASSERT_NE(token, nullptr);
  EXPECT_TRUE(core_.check_token(*token));
  Json body = json_of(reply);
  EXPECT_EQ(*member_at(body, {"token", "project", "name"}), "work");
  EXPECT_EQ(*member_at(body, {"token", "user", "id"}), to_hex(user_));
  EXPECT_EQ(member_at(body, {"token", "roles"})->size(), 2u) << "member, and reader with it";
  EXPECT_EQ(member_at(body, {"token", "catalog"})->size(), 5u);
}

TEST_F(TokensTest, WhatIsNoLogInIsRefused) {
  EXPECT_EQ(post(Json::object())->status, 400u);
  EXPECT_EQ(post({{"auth", 1}})->status, 400u);
  EXPECT_EQ(post({{"auth", Json::object()}})->status, 400u);
  EXPECT_EQ(post({{"auth", {{"identity", {{"methods", {"password"}}, {"password", {{"user", "x"}}}}}}}})->status, 400u);
  EXPECT_EQ(post({{"auth", {{"identity", {{"methods", {"oauth1"}}}}}}})->status, 401u);
  EXPECT_EQ(post({{"auth", {{"identity", {{"methods", "password"}}}}}})->status, 401u);
  Json elsewhere = by_password("demo", "secret");
  elsewhere["auth"]["identity"]["password"]["user"]["domain"] = {{"id", "other"}};
  EXPECT_EQ(post(elsewhere)->status, 401u);
  EXPECT_EQ(post(by_password("demo", "secret", {{"system", {{"all", true}}}}))->status, 401u);
  EXPECT_EQ(post(by_password("demo", "secret", {{"project", {{"name", "work"}}}}))->status, 400u) << "without a domain";
  EXPECT_EQ(transport_.count<ApiCall>(), 0u);
}

TEST_F(TokensTest, AnUnknownUserLooksLikeAWrongPassword) {
  Reply& reply = post(by_password("nobody", "secret"));
  answer(fail(ErrorCode::kNotFound, "user 'nobody' not found"));
  settle();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 401u);
  EXPECT_EQ(text_at(*member(json_of(reply), "error"), "message"), "The request you have made requires authentication.");
}

TEST_F(TokensTest, AreRescopedNoLongerThanTheyWere) {
  std::string mine = token(UserRole::kMember);
  Json auth{{"identity", {{"methods", {"token"}}, {"token", {{"id", mine}}}}},
            {"scope", {{"project", {{"id", to_hex(project_)}}}}}};
  Reply& reply = post({{"auth", auth}});
  EXPECT_EQ(asked<FindUser>().user, to_string(user_));
  answer(ApiResponse(found(UserRole::kAdmin)));
  ASSERT_TRUE(reply);
  ASSERT_EQ(reply->status, 201u) << reply->body;
  auto before = core_.check_token(mine),
       after = core_.check_token(*http::find_header(reply->headers, "X-Subject-Token"));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->expires_at, before->expires_at);
  EXPECT_EQ(after->role, UserRole::kAdmin) << "the role is looked up";
}

TEST_F(TokensTest, AreShownToTheirUserAndToAdmins) {
  std::string subject = token(UserRole::kMember);
  Reply& own = ask(UserRole::kMember, "GET", "/identity/v3/auth/tokens?nocatalog", "", {{"X-Subject-Token", subject}});
  answer(ApiResponse(found(UserRole::kMember)));
  ASSERT_TRUE(own);
  EXPECT_EQ(own->status, 200u);
  EXPECT_EQ(*http::find_header(own->headers, "X-Subject-Token"), subject);
  EXPECT_EQ(member_at(json_of(own), {"token", "catalog"}), nullptr);
  user_ = *parse_uuid("000000000000000000000000000000ff");
  EXPECT_EQ(ask_now(UserRole::kMember, "GET", "/identity/v3/auth/tokens", "", {{"X-Subject-Token", subject}}).status,
            403u);
  EXPECT_FALSE(ask(UserRole::kAdmin, "GET", "/identity/v3/auth/tokens", "", {{"X-Subject-Token", subject}}));
  EXPECT_EQ(ask_now(UserRole::kAdmin, "GET", "/identity/v3/auth/tokens", "", {{"X-Subject-Token", "nonsense"}}).status,
            404u);
  EXPECT_EQ(ask_now(UserRole::kAdmin, "GET", "/identity/v3/auth/tokens").status, 404u);
}

TEST_F(TokensTest, AreGoodForNothingOnceTheyAreRevoked) {
  std::string subject = token(UserRole::kMember);
  audit_ = *parse_uuid("000000000000000000000000000000dd");  // another token's
  EXPECT_EQ(ask_now(UserRole::kMember, "DELETE", "/identity/v3/auth/tokens", "", {{"X-Subject-Token", subject}}).status,
            204u);
  EXPECT_FALSE(core_.check_token(subject));
  EXPECT_EQ(ask_now(UserRole::kMember, "GET", "/identity/v3/auth/tokens", "", {{"X-Subject-Token", subject}}).status,
            404u);
  EXPECT_TRUE(core_.check_token(token(UserRole::kMember)));
}

TEST_F(TokensTest, HeadIsGetWithoutABody) {
  ask(UserRole::kMember, "HEAD", "/identity/v3/auth/tokens", "", {{"X-Subject-Token", token(UserRole::kMember)}});
  EXPECT_EQ(asked<FindUser>().user, to_string(user_));
}

}  // namespace
}  // namespace kilonova::api::openstack
