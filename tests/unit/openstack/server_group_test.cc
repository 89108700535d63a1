// Server groups, scheduler hints and the other limits of a quota over HTTP.
#include "domain/nouns/server_group.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/nouns/flavor.h"
#include "domain/nouns/host.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "tests/unit/openstack/front_world.h"

namespace kilonova::api::openstack {
namespace {

class ServerGroupTest : public FrontWorld {
 protected:
  static http::Headers version(std::string minor) { return {{"X-OpenStack-Nova-API-Version", "2." + minor}}; }
  ServerGroup group(uint8_t number, GroupPolicy policy = GroupPolicy::kAntiAffinity, uint32_t most = 0) const {
    ServerGroup row;
    row.id = Uuid{{number}};
    row.project_id = project_;
    row.user_id = user_;
    row.name = "test";
    row.policy = policy;
    row.max_server_per_host = most;
    row.created_at = {number};
    return row;
  }
  // What a create is answered with.
  Json made(std::string body, std::string minor, ServerGroup row) {
    Reply& reply = ask(UserRole::kMember, "POST", kPath, std::move(body), version(minor));
    answer(ApiResponse(ServerGroupList{.groups = {std::move(row)}}));
    EXPECT_EQ(reply->status, 200u) << reply->body;
    return json_of(reply);
  }
  static constexpr const char* kPath = "/compute/v2.1/os-server-groups";
};

TEST_F(ServerGroupTest, EachMicroversionHasItsForm) {
  const std::string id = to_string(Uuid{{1}}), project = to_hex(project_), user = to_hex(user_);
  Json first{{"id", id},
             {"name", "test"},
             {"policies", {"anti-affinity"}},
             {"members", Json::array()},
             {"metadata", Json::object()}};
  const char* old_body = R"({"server_group": {"name": "test", "policies": ["anti-affinity"]}})";
  EXPECT_EQ(made(old_body, "1", group(1)), (Json{{"server_group", first}}));
  EXPECT_EQ(asked<CreateServerGroup>(), (CreateServerGroup{"test", GroupPolicy::kAntiAffinity, 0}));
  first["project_id"] = project;
  first["user_id"] = user;
  EXPECT_EQ(made(old_body, "13", group(1)), (Json{{"server_group", first}}));
  Json newest{{"id", id},
              {"name", "test"},
              {"policy", "anti-affinity"},
              {"rules", {{"max_server_per_host", 3}}},
              {"members", Json::array()},
              {"project_id", project},
              {"user_id", user}};
  EXPECT_EQ(
      made(R"({"server_group": {"name": "test", "policy": "anti-affinity", "rules": {"max_server_per_host": "3"}}})",
           "64", group(1, GroupPolicy::kAntiAffinity, 3)),
      (Json{{"server_group", newest}}));
  EXPECT_EQ(asked<CreateServerGroup>().max_server_per_host, 3u);
}

TEST_F(ServerGroupTest, WrongBodiesAreRefusedAndNothingIsAsked) {
  struct Case {
    const char* minor;
    const char* body;
  };
  for (const Case& wrong :
       {Case{"1", R"({"server_group": {"name": "x", "policies": ["soft-affinity"]}})"},
        Case{"14", R"({"server_group": {"name": "x", "policies": ["soft-affinity"]}})"},
        Case{"15", R"({"server_group": {"name": "x", "policies": []}})"},
        Case{"15", R"({"server_group": {"name": "x", "policies": ["affinity", "anti-affinity"]}})"},
        Case{"63", R"({"server_group": {"name": "x", "policy": "affinity"}})"},
        Case{"64", R"({"server_group": {"name": "x", "policies": ["affinity"]}})"},
        Case{"64", R"({"server_group": {"name": "x", "policy": "storage-affinity"}})"},
        Case{"64", R"({"server_group": {"name": "", "policy": "affinity"}})"},
        Case{"64", R"({"server_group": {"name": " x", "policy": "affinity"}})"},
        Case{"64", R"({"server_group": {"policy": "affinity"}})"}, Case{"64", R"({"server_group": {"name": "x"}})"},
        Case{"64", R"({"server_group": {"name": "x", "policy": "affinity", "more": 1}})"},
        Case{"64", R"({"server_group": {"name": "x", "policy": ["affinity"]}})"},
        Case{"64",
             R"({"server_group": {"name": "x", "policy": "anti-affinity", "rules": {"max_server_per_host": 0}}})"},
        Case{"64", R"({"server_group": {"name": "x", "policy": "anti-affinity", "rules": {"other": 1}}})"},
        Case{"64", R"({"server_group": {"name": "x", "policy": "affinity", "rules": {"max_server_per_host": 2}}})"},
        Case{"64", R"({"server_group": null})"}, Case{"64", R"([])"}, Case{"64", R"({})"}}) {
    http::Response refused = ask_now(UserRole::kMember, "POST", kPath, wrong.body, version(wrong.minor));
    EXPECT_EQ(refused.status, 400u) << wrong.minor << " " << wrong.body;
    EXPECT_NE(refused.body.find("badRequest"), std::string::npos) << refused.body;
  }
  EXPECT_EQ(transport_.count<ApiCall>(), 0u);
  // Rules of another policy have Nova's own words.
  EXPECT_NE(ask_now(UserRole::kMember, "POST", kPath,
                    R"({"server_group": {"name": "x", "policy": "affinity", "rules": {"max_server_per_host": 2}}})",
                    version("64"))
                .body.find("Only anti-affinity policy supports rules."),
            std::string::npos);
}

TEST_F(ServerGroupTest, AListIsInTheOrderOfCreationAndCutByOffsetAndLimit) {
  ServerGroupList rows{.groups = {group(1), group(2), group(3)}, .members = {{Uuid{{2}}, audit_}}};
  rows.groups[0].created_at = {9};  // ids are random
  auto ids = [&](std::string query) {
    Reply& reply = ask(UserRole::kReader, "GET", kPath + query, "", version("64"));
    answer(ApiResponse(rows));
    std::vector<std::string> found;
    for (const Json& one : json_of(reply)["server_groups"]) found.push_back(one["id"].get<std::string>());
    return found;
  };
  const std::string a = to_string(Uuid{{2}}), b = to_string(Uuid{{3}}), c = to_string(Uuid{{1}});
  EXPECT_EQ(ids(""), (std::vector{a, b, c}));
  EXPECT_EQ(ids("?limit=1"), (std::vector{a}));
  EXPECT_EQ(ids("?limit=1&offset=1"), (std::vector{b}));
  EXPECT_EQ(ids("?limit=0&offset=2"), (std::vector{c}));
  EXPECT_EQ(ids("?offset=99999999999999999999"), std::vector<std::string>());
  // Asked for by others than administrators, all projects are silently not meant.
  EXPECT_EQ(ids("?all_projects"), (std::vector{a, b, c}));
  EXPECT_FALSE(asked<ListServerGroups>().all_projects);
  ask(UserRole::kAdmin, "GET", std::string(kPath) + "?all_projects=True");
  EXPECT_TRUE(asked<ListServerGroups>().all_projects);
  for (const char* wrong : {"?limit=-1", "?limit=x", "?offset=-1", "?offset="})
    EXPECT_EQ(ask_now(UserRole::kReader, "GET", std::string(kPath) + wrong).status, 400u) << wrong;
  EXPECT_EQ(ask_now(UserRole::kReader, "GET", std::string(kPath) + "?more=1", "", version("75")).status, 400u);
}

TEST_F(ServerGroupTest, OneIsFoundByItsIdAlone) {
  const std::string id = to_string(Uuid{{2}});
  Reply& shown = ask(UserRole::kReader, "GET", std::string(kPath) + "/" + id);
  answer(ApiResponse(ServerGroupList{.groups = {group(2)}, .members = {{Uuid{{2}}, audit_}}}));
  EXPECT_EQ(json_of(shown)["server_group"]["members"], Json::array({to_string(audit_)}));
  for (std::string name : {std::string("test"), std::string(300, 'x'), std::string("%00")}) {
    http::Response missing = ask_now(UserRole::kReader, "GET", std::string(kPath) + "/" + name);
    EXPECT_TRUE(missing.status == 404u || missing.status == 400u) << name.substr(0, 9);
  }
  Reply& gone = ask(UserRole::kMember, "DELETE", std::string(kPath) + "/" + id);
  answer(fail(ErrorCode::kNotFound, "server group not found"));
  EXPECT_EQ(gone->status, 404u);
  EXPECT_EQ(json_of(gone)["itemNotFound"]["message"], "Instance group " + id + " could not be found.");
  Reply& removed = ask(UserRole::kMember, "DELETE", std::string(kPath) + "/" + id);
  answer(ApiResponse(ServerGroupList{.groups = {group(2)}}));
  EXPECT_EQ(asked<DeleteServerGroup>().group, id);
  answer(ApiResponse(Empty{}));
  EXPECT_EQ(removed->status, 204u);
}

TEST_F(ServerGroupTest, HintsThatHaveAFormAreHeldToIt) {
  auto create = [&](std::string hints) {
    return R"({"server": {"name": "x", "flavorRef": "1", "imageRef": "00000000-0000-0000-0000-000000000001"}, )"
           R"("os:scheduler_hints": )" +
           hints + "}";
  };
  for (const char* wrong :
       {R"({"group": "no id"})", R"({"group": 1})", R"({"same_host": "x"})", R"({"different_host": ["x"]})",
        R"({"different_host": {"a": 1}})", R"({"build_near_host_ip": "10.0.0"})", R"({"cidr": "24"})",
        R"({"query": 1})", R"([])", R"("group")", "null"})
    EXPECT_EQ(ask_now(UserRole::kMember, "POST", "/compute/v2.1/servers", create(wrong)).status, 400u) << wrong;
  EXPECT_EQ(transport_.count<ApiCall>(), 0u);
  // Those that follow it, and those that Nova does not know, get as far as the flavor.
  for (const char* good : {R"({"group": "00000000-0000-0000-0000-000000000002"})", R"({"anything": [1, {"a": null}]})",
                           R"({"same_host": ["00000000-0000-0000-0000-000000000002"], "cidr": "/24"})",
                           R"({"build_near_host_ip": "10.0.0.1", "query": "[]"})"})
    EXPECT_FALSE(ask(UserRole::kMember, "POST", "/compute/v2.1/servers", create(good)).has_value()) << good;
}

TEST_F(ServerGroupTest, AQuotaIsShownWithAllItsLimits) {
  QuotaReply quota;
  quota.quota.key_pairs = 7;
  quota.quota.injected_files = 3;
  quota.usage.server_groups = 2;
  auto shown = [&](std::string below, std::string minor) {
    Reply& reply = ask(UserRole::kAdmin, "GET", "/compute/v2.1/" + below, "", version(minor));
    answer(ApiResponse(quota));
    return json_of(reply);
  };
  const std::string project = "os-quota-sets/" + to_hex(project_);
  Json set = shown(project, "36")["quota_set"];
  EXPECT_EQ(set["key_pairs"], 7);
  EXPECT_EQ(set["injected_files"], 3);
  EXPECT_FALSE(set.contains("fixed_ips"));
  EXPECT_TRUE(shown(project, "35")["quota_set"].contains("fixed_ips"));
  EXPECT_FALSE(shown(project, "57")["quota_set"].contains("injected_files"));
  EXPECT_EQ(shown(project + "/detail", "57")["quota_set"]["server_groups"],
            (Json{{"limit", 10}, {"in_use", 2}, {"reserved", 0}}));
  Json of_class = shown("os-quota-class-sets/default", "49")["quota_class_set"];
  EXPECT_EQ(of_class["id"], "default");
  EXPECT_TRUE(of_class.contains("fixed_ips"));
  EXPECT_FALSE(of_class.contains("server_groups"));
  EXPECT_TRUE(asked<GetQuota>().defaults);
  EXPECT_EQ(shown("os-quota-class-sets/default", "50")["quota_class_set"]["server_groups"], 10);
}

TEST_F(ServerGroupTest, OfAQuotaOnlyWhatIsSaidChanges) {
  const std::string path = "/compute/v2.1/os-quota-sets/" + to_hex(project_);
  ask(UserRole::kAdmin, "PUT", path, R"({"quota_set": {"key_pairs": "5", "force": true}})");
  Quota wanted = unchanged_quota();
  wanted.key_pairs = 5;
  EXPECT_EQ(asked<SetQuota>(), (SetQuota{to_string(project_), wanted, true}));
  for (const char* wrong : {R"({"quota_set": {"cores": -2}})", R"({"quota_set": {"cores": 2147483648}})",
                            R"({"quota_set": {"cores": "x"}})", R"({"quota_set": {"more": 1}})",
                            R"({"quota_set": {"cores": 1.5}})", R"({"quota_class_set": {}})"})
    EXPECT_EQ(ask_now(UserRole::kAdmin, "PUT", path, wrong).status, 400u) << wrong;
  ask(UserRole::kAdmin, "DELETE", path);
  EXPECT_TRUE(asked<SetQuota>().reset);
  EXPECT_EQ(ask_now(UserRole::kAdmin, "PUT", "/compute/v2.1/os-quota-class-sets/default",
                    R"({"quota_class_set": {"fixed_ips": 1}})", version("50"))
                .status,
            400u);
}

TEST_F(ServerGroupTest, AServiceIsForcedDownByNameOrById) {
  HostView host;
  host.host.name = "h1";
  Reply& by_name = ask(UserRole::kAdmin, "PUT", "/compute/v2.1/os-services/force-down",
                       R"({"host": "h1", "binary": "nova-compute", "forced_down": true})", version("11"));
  answer(ApiResponse(HostList{.hosts = {host}}));
  EXPECT_EQ(asked<SetHostForcedDown>(), (SetHostForcedDown{"h1", true}));
  answer(ApiResponse(Empty{}));
  EXPECT_EQ(json_of(by_name), (Json{{"service", {{"host", "h1"}, {"binary", "nova-compute"}, {"forced_down", true}}}}));
  EXPECT_EQ(ask_now(UserRole::kAdmin, "PUT", "/compute/v2.1/os-services/force-down",
                    R"({"host": "h1", "binary": "nova-compute"})")
                .status,
            404u);
  EXPECT_EQ(ask_now(UserRole::kAdmin, "PUT", "/compute/v2.1/os-services/disable",
                    R"({"host": "controller-0", "binary": "nova-conductor"})")
                .status,
            400u)
      << "as Nova: not supported, whether or not it is there";
}

}  // namespace
}  // namespace kilonova::api::openstack
