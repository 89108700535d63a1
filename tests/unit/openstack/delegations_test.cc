// Application credentials, access rules and trusts: what a user gives away of its own roles.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "api-server/front/openstack/identity/access_rules.h"
#include "api-server/front/openstack/identity/facts.h"
#include "tests/unit/openstack/keystone_world.h"

namespace kilonova::api::openstack {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Lt;

class ApplicationCredential : public KeystoneWorld {
 protected:
  std::string path(const std::string& rest = "") {
    return "/v3/users/" + to_hex(user_) + "/application_credentials" + rest;
  }
  Json created(Json wanted) {
    http::Response made = send("POST", path(), {{"application_credential", std::move(wanted)}}, mine_);
    EXPECT_EQ(made.status, 201u) << made.body;
    return json(made)["application_credential"];
  }
  http::Response by_credential(const std::string& id, const std::string& secret) {
    Json identity{{"methods", {"application_credential"}},
                  {"application_credential", {{"id", id}, {"secret", secret}}}};
    return log_in({{"auth", {{"identity", std::move(identity)}}}});
  }
  http::Response by_name(const std::string& name, const std::string& secret) {
    Json user{{"name", "demo"}, {"domain", {{"id", "default"}}}};
    Json identity{{"methods", {"application_credential"}},
                  {"application_credential", {{"name", name}, {"secret", secret}, {"user", std::move(user)}}}};
    return log_in({{"auth", {{"identity", std::move(identity)}}}});
  }

  std::string mine_ = member_token();
};

TEST_F(ApplicationCredential, LogsInWithItsSecretAndItsRoles) {
  Json made = created({{"name", "robot"}, {"roles", Json::array({{{"name", "reader"}}})}});
  ASSERT_TRUE(made["secret"].is_string());
  EXPECT_EQ(made["project_id"], to_hex(project_));
  std::string id = made["id"], secret = made["secret"];
  EXPECT_EQ(json(send("GET", path("/" + id), nullptr, mine_))["application_credential"].count("secret"), 0u);
  http::Response in = by_credential(id, secret);
  ASSERT_EQ(in.status, 201u) << in.body;
  EXPECT_EQ(member_at(json(in), {"token", "roles"})->size(), 1u);
  EXPECT_EQ(core_.check_token(token_of(in))->role, UserRole::kReader);
  EXPECT_EQ(*member_at(json(in), {"token", "application_credential", "restricted"}), true);
  EXPECT_EQ(by_credential(id, "wrong").status, 401u);
  EXPECT_EQ(by_credential(to_hex(user_), secret).status, 401u);
  EXPECT_EQ(log_in(by_token(token_of(in))).status, 403u) << "it is not rescoped";
  EXPECT_EQ(send("POST", path(), {{"application_credential", {{"name", "more"}}}}, token_of(in)).status, 403u);
  EXPECT_EQ(send("POST", path(), {{"application_credential", {{"name", "robot"}}}}, mine_).status, 409u);
  EXPECT_EQ(send("DELETE", path("/" + id), nullptr, mine_).status, 204u);
  EXPECT_FALSE(core_.check_token(token_of(in))) << "its tokens go with it";
  EXPECT_EQ(by_credential(id, secret).status, 401u);
  EXPECT_EQ(send("GET", path("/" + id), nullptr, mine_).status, 404u);
}

TEST_F(ApplicationCredential, GuessesOfOneCountForNoOther) {
  Json made = created({{"name", "robot"}});
  // Until one is refused. One is forgiven every six seconds, and each guess takes a part of one.
  auto guesses = [](const std::function<http::Response()>& guess) {
    for (int i = 0; i < 200; ++i)
      if (guess().status == 429u) return i;
    return 200;
  };
  auto guesses_of = [&](const char* name) { return guesses([&, name] { return by_name(name, "wrong"); }); };
  for (const char* name : {"none", "robot"}) EXPECT_THAT(guesses_of(name), AllOf(Ge(10), Lt(200))) << name;
  EXPECT_LE(guesses([&] { return by_credential(made["id"], "wrong"); }), 2) << "it is the same by its id";
  EXPECT_EQ(by_name("another", "wrong").status, 401u);
  EXPECT_EQ(by_credential("no-uuid", "wrong").status, 401u);
}

TEST_F(ApplicationCredential, ThatIsUnrestrictedMakesOthers) {
  Json made = created({{"name", "robot"}, {"unrestricted", true}});
  std::string token = token_of(by_credential(made["id"], made["secret"]));
  EXPECT_EQ(send("POST", path(), {{"application_credential", {{"name", "more"}}}}, token).status, 201u);
}

TEST_F(ApplicationCredential, EndsWhenItSays) {
  EXPECT_EQ(
      send("POST", path(), {{"application_credential", {{"name", "x"}, {"expires_at", "1999-01-01T00:00:00"}}}}, mine_)
          .status,
      400u);
  WallTime end = loop_.wall_now() + seconds(60);
  std::string text = to_iso8601(end).substr(0, 19);
  Json made = created({{"name", "robot"}, {"expires_at", text + ".123456"}});
  EXPECT_EQ(made["expires_at"], text + ".123456");
  http::Response in = by_credential(made["id"], made["secret"]);
  EXPECT_LE(core_.check_token(token_of(in))->expires_at, end);
  loop_.run_until(loop_.now() + seconds(61));
  EXPECT_EQ(by_credential(made["id"], made["secret"]).status, 401u);
}

TEST_F(ApplicationCredential, IsItsUsersAlone) {
  Json made = created({{"name", "robot"}});
  Uuid other = *parse_uuid("000000000000000000000000000000ff");
  add_user(other, "other");
  std::string others = token_of(log_in(by_password("other", "secret of other")));
  std::string id = made["id"];
  for (const char* method : {"GET", "DELETE"}) EXPECT_EQ(send(method, path("/" + id), nullptr, others).status, 403u);
  EXPECT_EQ(send("GET", path(), nullptr, others).status, 403u);
  EXPECT_EQ(send("POST", path(), {{"application_credential", {{"name", "x"}}}}, others).status, 403u);
  EXPECT_EQ(json(send("GET", path() + "?name=robot", nullptr, mine_))["application_credentials"].size(), 1u);
  EXPECT_EQ(json(send("GET", path() + "?name=other", nullptr, mine_))["application_credentials"].size(), 0u);
}

TEST_F(ApplicationCredential, OfWrongFormIsRefused) {
  auto post = [this](Json wanted) {
    return send("POST", path(), {{"application_credential", std::move(wanted)}}, mine_).status;
  };
  EXPECT_EQ(send("POST", path(), nullptr, mine_).status, 400u);
  EXPECT_EQ(send("POST", path(), Json::array({1}), mine_).status, 400u);
  for (const Json& wrong : {Json(7), Json("text"), Json(nullptr), Json::array()}) EXPECT_EQ(post(wrong), 400u);
  EXPECT_EQ(post(Json::object()), 400u);
  for (const char* key : {"name", "description", "secret", "expires_at", "roles", "unrestricted", "access_rules"})
    for (const Json& wrong : {Json(7), Json({{"a", 1}}), Json::array({7}), Json::array({Json::array()})}) {
      Json wanted{{"name", "x"}};
      wanted[key] = wrong;
      EXPECT_EQ(post(wanted), 400u) << key << " " << wrong.dump();
    }
  EXPECT_EQ(post({{"name", "x"}, {"roles", Json::array({Json::object()})}}), 400u);
  EXPECT_EQ(post({{"name", "x"}, {"roles", Json::array({{{"id", role_id(UserRole::kAdmin)}}})}}), 400u) << "not held";
  EXPECT_EQ(post({{"name", "x"}, {"roles", Json::array({{{"name", "nobody"}}})}}), 404u);
  EXPECT_EQ(post({{"name", "x"}, {"secret", std::string(2000, 's')}}), 400u);
  for (const Json& rule : {Json({{"path", "/x"}}), Json({{"path", "x"}, {"method", "GET"}, {"service", "compute"}}),
                           Json({{"path", "/x"}, {"method", "get"}, {"service", "compute"}})})
    EXPECT_EQ(post({{"name", "x"}, {"access_rules", Json::array({rule})}}), 400u) << rule.dump();
  EXPECT_EQ(post({{"name", "x"}, {"access_rules", Json::array({{{"id", "none"}}})}}), 404u);
}

TEST_F(ApplicationCredential, WithRulesMakesTheRequestsThatTheyAllow) {
  Json rule{{"path", "/v2.1/servers/*/ips"}, {"method", "GET"}, {"service", "compute"}};
  Json made = created({{"name", "robot"}, {"access_rules", Json::array({rule})}});
  std::string rule_id = made["access_rules"][0]["id"];
  std::string token = token_of(by_credential(made["id"], made["secret"]));
  auto status = [&](const char* method, const char* target) {
    Reply& reply = ask(UserRole::kNone, method, target, "", {{"X-Auth-Token", token}});
    answer_all();
    return reply ? reply->status : 0u;
  };
  EXPECT_EQ(status("GET", "/compute/v2.1/servers"), 401u);
  EXPECT_NE(status("GET", "/compute/v2.1/servers/1/ips"), 401u);
  EXPECT_EQ(status("DELETE", "/compute/v2.1/servers/1"), 401u);
  EXPECT_EQ(status("GET", "/identity/v3/auth/projects"), 401u);
  http::Headers subject{{"X-Subject-Token", token}};
  EXPECT_EQ(send("GET", "/v3/auth/tokens", nullptr, mine_, subject).status, 404u) << "who asks minds no rules";
  subject.emplace_back("OpenStack-Identity-Access-Rules", "1.0");
  Json shown = json(send("GET", "/v3/auth/tokens", nullptr, mine_, subject));
  EXPECT_EQ(member_at(shown, {"token", "application_credential", "access_rules"})->size(), 1u) << shown.dump();
  std::string rules = "/v3/users/" + to_hex(user_) + "/access_rules";
  EXPECT_EQ(json(send("GET", rules, nullptr, mine_))["access_rules"].size(), 1u);
  EXPECT_EQ(send("GET", rules + "/" + rule_id, nullptr, mine_).status, 200u);
  EXPECT_EQ(send("DELETE", rules + "/" + rule_id, nullptr, mine_).status, 403u) << "it is in use";
  created({{"name", "second"}, {"access_rules", Json::array({rule})}});
  EXPECT_EQ(json(send("GET", rules, nullptr, mine_))["access_rules"].size(), 1u) << "equal ones are one";
}

TEST(AccessPath, IsFittedByItsPattern) {
  EXPECT_TRUE(fits_access_path("/v2.1/servers", "/v2.1/servers"));
  EXPECT_FALSE(fits_access_path("/v2.1/servers", "/v2.1/servers/1"));
  EXPECT_TRUE(fits_access_path("/v2.1/servers/*/ips", "/v2.1/servers/1/ips"));
  EXPECT_TRUE(fits_access_path("/v2.1/servers/{server_id}/ips", "/v2.1/servers/1/ips"));
  EXPECT_FALSE(fits_access_path("/v2.1/servers/*/ips", "/v2.1/servers/1/2/ips"));
  EXPECT_FALSE(fits_access_path("/v2.1/servers/*/ips", "/v2.1/servers//ips"));
  EXPECT_TRUE(fits_access_path("/v2.1/**", "/v2.1/servers/1/2/ips"));
  EXPECT_TRUE(fits_access_path("/v2.1/**/ips", "/v2.1/servers/1/ips"));
  EXPECT_FALSE(fits_access_path("/v2.1/**/ips", "/v2.1/servers/1"));
  EXPECT_TRUE(fits_access_path("/{open", "/{open"));
  EXPECT_FALSE(fits_access_path(std::string(225, '*'), "")) << "and in no long time";
}

class Trust : public KeystoneWorld {
 protected:
  Trust() { add_user(friend_, "friend"); }

  Json wanted() {
    return {{"trustor_user_id", to_hex(user_)},
            {"trustee_user_id", to_hex(friend_)},
            {"impersonation", false},
            {"project_id", to_hex(project_)},
            {"roles", Json::array({{{"name", "reader"}}})}};
  }
  http::Response create(Json trust, const std::string& token) {
    return send("POST", "/v3/OS-TRUST/trusts", {{"trust", std::move(trust)}}, token);
  }
  std::string created(Json trust) {
    http::Response made = create(std::move(trust), mine_);
    EXPECT_EQ(made.status, 201u) << made.body;
    return text_at(json(made)["trust"], "id");
  }
  http::Response by_trust(const std::string& id, const std::string& user = "friend") {
    return log_in(by_password(user, "secret of " + user, {{"OS-TRUST:trust", {{"id", id}}}}));
  }

  Uuid friend_ = *parse_uuid("000000000000000000000000000000ff");
  std::string mine_ = member_token();
};

TEST_F(Trust, GivesItsTrusteeItsRoles) {
  std::string id = created(wanted());
  http::Response in = by_trust(id);
  ASSERT_EQ(in.status, 201u) << in.body;
  EXPECT_EQ(*member_at(json(in), {"token", "user", "id"}), to_hex(friend_));
  EXPECT_EQ(*member_at(json(in), {"token", "OS-TRUST:trust", "trustor_user", "id"}), to_hex(user_));
  EXPECT_EQ(core_.check_token(token_of(in))->role, UserRole::kReader);
  EXPECT_EQ(core_.check_token(token_of(in))->project_id, project_);
  EXPECT_EQ(by_trust(id, "demo").status, 403u) << "who is no trustee";
  EXPECT_EQ(log_in(by_token(token_of(in))).status, 403u);
  EXPECT_EQ(send("DELETE", "/v3/OS-TRUST/trusts/" + id, nullptr, token_of(in)).status, 403u);
  EXPECT_EQ(send("DELETE", "/v3/OS-TRUST/trusts/" + id, nullptr, mine_).status, 204u);
  EXPECT_FALSE(core_.check_token(token_of(in)));
  EXPECT_EQ(by_trust(id).status, 401u);
}

TEST_F(Trust, ThatImpersonatesShowsTheTrustor) {
  Json trust = wanted();
  trust["impersonation"] = true;
  http::Response in = by_trust(created(trust));
  ASSERT_EQ(in.status, 201u) << in.body;
  EXPECT_EQ(*member_at(json(in), {"token", "user", "id"}), to_hex(user_));
}

TEST_F(Trust, IsUsedAsOftenAsItSays) {
  Json trust = wanted();
  trust["remaining_uses"] = 1;
  std::string id = created(trust);
  EXPECT_EQ(by_trust(id).status, 201u);
  EXPECT_EQ(by_trust(id).status, 403u);
  EXPECT_EQ(send("GET", "/v3/OS-TRUST/trusts/" + id, nullptr, mine_).status, 404u);
}

TEST_F(Trust, GivesNothingThatItsTrustorHasNoMore) {
  std::string id = created(wanted());
  roles_.clear();
  EXPECT_EQ(by_trust(id).status, 401u);
}

TEST_F(Trust, IsGivenOnAsFarAsItSays) {
  Json trust = wanted();
  trust["impersonation"] = true;
  trust["allow_redelegation"] = true;
  trust["redelegation_count"] = 1;
  std::string first = created(trust);
  std::string token = token_of(by_trust(first));
  Json on = wanted();
  on["trustee_user_id"] = to_hex(user_);
  http::Response made = create(on, token);
  ASSERT_EQ(made.status, 201u) << made.body;
  EXPECT_EQ(json(made)["trust"]["redelegated_trust_id"], first);
  EXPECT_EQ(json(made)["trust"]["redelegation_count"], 0);
  on["roles"] = Json::array({{{"name", "member"}}});
  EXPECT_EQ(create(on, token).status, 403u) << "more than was given";
  EXPECT_EQ(send("DELETE", "/v3/OS-TRUST/trusts/" + first, nullptr, mine_).status, 204u);
  EXPECT_EQ(json(send("GET", "/v3/OS-TRUST/trusts", nullptr, this->token(UserRole::kAdmin)))["trusts"].size(), 0u)
      << "what was given on goes along";
}

TEST_F(Trust, IsSeenByThoseThatItIsOf) {
  std::string id = created(wanted());
  Json shown = json(send("GET", "/v3/OS-TRUST/trusts/" + id, nullptr, mine_))["trust"];
  EXPECT_EQ(shown["roles"][0]["name"], "reader");
  EXPECT_TRUE(shown["deleted_at"].is_null());
  std::string roles = "/v3/OS-TRUST/trusts/" + id + "/roles";
  EXPECT_EQ(json(send("GET", roles, nullptr, mine_))["roles"].size(), 1u);
  EXPECT_EQ(send("GET", roles + "/" + role_id(UserRole::kReader), nullptr, mine_).status, 200u);
  EXPECT_EQ(send("GET", roles + "/" + role_id(UserRole::kMember), nullptr, mine_).status, 404u);
  EXPECT_EQ(send("GET", "/v3/OS-TRUST/trusts", nullptr, mine_).status, 403u);
  Json list = json(send("GET", "/v3/OS-TRUST/trusts?trustor_user_id=" + to_hex(user_), nullptr, mine_));
  EXPECT_EQ(list["trusts"].size(), 1u);
  EXPECT_EQ(list["trusts"][0].count("roles"), 0u);
  add_user(*parse_uuid("000000000000000000000000000000fe"), "stranger");
  std::string stranger = token_of(log_in(by_password("stranger", "secret of stranger")));
  EXPECT_EQ(send("GET", "/v3/OS-TRUST/trusts/" + id, nullptr, stranger).status, 403u);
  EXPECT_EQ(send("GET", "/v3/OS-TRUST/trusts/none", nullptr, stranger).status, 404u);
}

TEST_F(Trust, OfWrongFormIsRefused) {
  for (const char* key : {"trustor_user_id", "trustee_user_id", "impersonation", "project_id", "roles", "expires_at",
                          "remaining_uses", "allow_redelegation", "redelegation_count"})
    for (const Json& wrong : {Json({{"a", 1}}), Json::array({7}), Json("text"), Json(-3), Json(1.5), Json(1e300)}) {
      if (wrong == "text" && std::string_view(key).ends_with("_id")) continue;  // it names nobody: below
      Json trust = wanted();
      trust[key] = wrong;
      EXPECT_EQ(create(trust, mine_).status, 400u) << key << " " << wrong.dump();
    }
  for (const char* key : {"trustor_user_id", "trustee_user_id", "impersonation"}) {
    Json trust = wanted();
    trust.erase(key);
    EXPECT_EQ(create(trust, mine_).status, 400u) << key;
  }
  auto with = [this](const char* key, Json value) {
    Json trust = wanted();
    trust[key] = std::move(value);
    return create(trust, mine_).status;
  };
  EXPECT_EQ(with("trustor_user_id", to_hex(friend_)), 403u);
  EXPECT_EQ(with("trustee_user_id", "nobody"), 404u);
  EXPECT_EQ(with("project_id", "nowhere"), 404u);
  EXPECT_EQ(with("roles", Json::array()), 403u);
  EXPECT_EQ(with("roles", Json::array({{{"name", "admin"}}})), 404u);
  EXPECT_EQ(with("expires_at", "bad.123Z"), 400u);
  EXPECT_EQ(send("POST", "/v3/OS-TRUST/trusts", Json::array(), mine_).status, 400u);
}

class DomainConfig : public KeystoneWorld {
 protected:
  http::Response admin(const char* method, const std::string& path, Json body = nullptr) {
    return send(method, "/v3/domains" + path, std::move(body), token(UserRole::kAdmin));
  }
};

TEST_F(DomainConfig, IsKeptByGroupAndOption) {
  EXPECT_EQ(admin("GET", "/default/config").status, 404u);
  Json config{{"identity", {{"driver", "ldap"}}}, {"ldap", {{"url", "ldap://x"}, {"password", "secret"}}}};
  EXPECT_EQ(admin("PUT", "/default/config", {{"config", config}}).status, 201u);
  http::Response again = admin("PUT", "/default/config", {{"config", config}});
  EXPECT_EQ(again.status, 200u);
  EXPECT_EQ(again.body.find("secret"), std::string::npos) << "a password is not shown";
  EXPECT_EQ(json(admin("GET", "/default/config/ldap/url"))["config"]["url"], "ldap://x");
  EXPECT_EQ(admin("GET", "/default/config/ldap/password").status, 404u);
  EXPECT_EQ(admin("GET", "/default/config/ldap/suffix").status, 404u);
  EXPECT_EQ(json(admin("PATCH", "/default/config/identity/driver",
                       {{"config", {{"driver", "sql"}}}}))["config"]["identity"]["driver"],
            "sql");
  EXPECT_EQ(admin("DELETE", "/default/config/identity/driver").status, 204u);
  EXPECT_EQ(admin("GET", "/default/config/identity").status, 404u);
  EXPECT_EQ(admin("DELETE", "/default/config").status, 204u);
  EXPECT_EQ(admin("DELETE", "/default/config").status, 404u);
  EXPECT_EQ(json(admin("GET", "/config/identity/driver/default"))["config"]["driver"], "sql");
  EXPECT_EQ(admin("GET", "/none/config").status, 404u);
}

TEST_F(DomainConfig, OfWrongFormIsRefused) {
  for (const Json& wrong : {Json(7), Json("text"), Json(nullptr), Json::array({1}), Json::object(), Json({{"x", 1}}),
                            Json({{"ldap", 1}}), Json({{"ldap", Json::object()}}), Json({{"ldap", {{"x", 1}}}})}) {
    EXPECT_EQ(admin("PUT", "/default/config", {{"config", wrong}}).status, 403u) << wrong.dump();
    EXPECT_EQ(admin("PATCH", "/default/config", {{"config", wrong}}).status, 403u) << wrong.dump();
    EXPECT_EQ(admin("PATCH", "/default/config/ldap", {{"config", wrong}}).status, 403u) << wrong.dump();
    EXPECT_EQ(admin("PATCH", "/default/config/ldap/url", {{"config", wrong}}).status, 403u) << wrong.dump();
  }
  EXPECT_EQ(admin("PUT", "/default/config", Json::array()).status, 400u);
  EXPECT_EQ(admin("PUT", "/default/config", Json::object()).status, 400u);
}

}  // namespace
}  // namespace kilonova::api::openstack
