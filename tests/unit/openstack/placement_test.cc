// Placement's reads are the controller's truth, and its forms are those of each microversion.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/unit/openstack/placement_world.h"

namespace kilonova::api::openstack {
namespace {

class PlacementTest : public PlacementWorld {
 protected:
  std::vector<std::string> names(const std::string& query, int minor = 39) {
    std::vector<std::string> found;
    for (const Json& one : get("/resource_providers" + query, minor)["resource_providers"])
      found.push_back(one["name"].get<std::string>());
    return found;
  }
  using Names = std::vector<std::string>;
};

TEST_F(PlacementTest, EveryAnswerSaysItsVersion) {
  http::Response first = ask_now(UserRole::kNone, "GET", "/placement/");
  EXPECT_EQ(*http::find_header(first.headers, "OpenStack-API-Version"), "placement 1.0");
  EXPECT_EQ(*http::find_header(first.headers, "Vary"), "openstack-api-version");
  EXPECT_EQ(http::find_header(first.headers, "Cache-Control"), nullptr);
  auto asked = [&](std::string version) {
    return ask_now(UserRole::kNone, "GET", "/placement/", "", {{"OpenStack-API-Version", version}});
  };
  http::Response latest = asked("compute 2.1, placement latest");
  EXPECT_EQ(*http::find_header(latest.headers, "OpenStack-API-Version"), "placement 1.39");
  EXPECT_EQ(*http::find_header(latest.headers, "Cache-Control"), "no-cache");
  http::Response late = asked("placement 1.40");
  EXPECT_EQ(late.status, 406u);
  EXPECT_EQ(json(late)["errors"][0]["max_version"], "1.39");
  EXPECT_EQ(json(late)["errors"][0]["min_version"], "1.0");
  EXPECT_EQ(asked("placement 2.1").status, 406u);
  EXPECT_EQ(asked("placement x").status, 400u);
  EXPECT_EQ(asked("placement 1.05").status, 400u);
}

TEST_F(PlacementTest, ErrorsHaveACodeFrom123On) {
  std::string path = "/resource_providers/00000000-0000-0000-0000-000000000099";
  Json old = json(send("GET", path, nullptr, 22))["errors"][0];
  EXPECT_FALSE(old.contains("code"));
  EXPECT_EQ(old["status"], 404);
  EXPECT_EQ(old["title"], "Not Found");
  EXPECT_EQ(old["detail"],
            "The resource could not be found.\n\n No resource provider with uuid "
            "00000000-0000-0000-0000-000000000099 found  ");
  EXPECT_EQ(json(send("GET", path, nullptr, 23))["errors"][0]["code"], "placement.undefined_code");
}

TEST_F(PlacementTest, WhatAVersionHasNotIsNotThere) {
  EXPECT_EQ(send("GET", "/resource_classes", nullptr, 1).status, 404u);
  EXPECT_EQ(send("GET", "/resource_classes", nullptr, 2).status, 200u);
  EXPECT_EQ(send("GET", "/usages?project_id=x", nullptr, 8).status, 404u);
  EXPECT_EQ(send("POST", "/allocations", Json::object(), 12).status, 404u);
  EXPECT_EQ(send("DELETE", "/resource_providers/" + uuid_of("h1") + "/inventories", nullptr, 4).status, 405u);
  http::Response wrong = send("PATCH", "/resource_classes/X");
  EXPECT_EQ(wrong.status, 405u);
  EXPECT_EQ(*http::find_header(wrong.headers, "Allow"), "DELETE, GET, PUT");
  EXPECT_EQ(send("GET", "/nothing").status, 404u);
}

TEST_F(PlacementTest, HostsAreProvidersWithTheirInventoriesTraitsAndAggregates) {
  aggregates_.push_back({.id = 1, .uuid = Uuid{{7}}, .name = "fast", .hosts = {"h1"}});
  hosts_[1].host.enabled = false;
  std::string h1 = uuid_of("h1"), path = "/resource_providers/" + h1;
  EXPECT_EQ(get(path),
            (Json{{"uuid", h1},
                  {"name", "h1"},
                  {"generation", 0},
                  {"links", Json::array({{{"rel", "self"}, {"href", "/placement" + path}},
                                         {{"rel", "inventories"}, {"href", "/placement" + path + "/inventories"}},
                                         {{"rel", "usages"}, {"href", "/placement" + path + "/usages"}},
                                         {{"rel", "aggregates"}, {"href", "/placement" + path + "/aggregates"}},
                                         {{"rel", "traits"}, {"href", "/placement" + path + "/traits"}},
                                         {{"rel", "allocations"}, {"href", "/placement" + path + "/allocations"}}})},
                  {"parent_provider_uuid", nullptr},
                  {"root_provider_uuid", h1}}));
  EXPECT_EQ(get(path, 0)["links"].size(), 3u);
  EXPECT_FALSE(get(path, 13).contains("root_provider_uuid"));
  Json inventories = get(path + "/inventories");
  EXPECT_EQ(inventories["inventories"]["VCPU"], (Json{{"total", 4},
                                                      {"reserved", 0},
                                                      {"min_unit", 1},
                                                      {"max_unit", 4},
                                                      {"step_size", 1},
                                                      {"allocation_ratio", 2.0}}));
  EXPECT_EQ(inventories["inventories"].size(), 3u);
  EXPECT_EQ(get(path + "/aggregates")["aggregates"], Json::array({to_string(Uuid{{7}})}));
  Json traits = get(path + "/traits")["traits"];
  EXPECT_NE(std::ranges::find(traits, "COMPUTE_NODE"), traits.end());
  EXPECT_EQ(std::ranges::find(traits, "COMPUTE_STATUS_DISABLED"), traits.end());
  Json of_disabled = get("/resource_providers/" + uuid_of("h2") + "/traits")["traits"];
  EXPECT_NE(std::ranges::find(of_disabled, "COMPUTE_STATUS_DISABLED"), of_disabled.end());
}

TEST_F(PlacementTest, ProvidersAreFoundByWhatTheyAreAndHave) {
  aggregates_.push_back({.id = 1, .uuid = Uuid{{7}}, .name = "fast", .hosts = {"h1"}});
  std::string fast = to_string(Uuid{{7}}), other = to_string(Uuid{{8}});
  EXPECT_EQ(names(""), (Names{"h1", "h2"}));
  EXPECT_EQ(names("?name=h2"), Names{"h2"});
  EXPECT_EQ(names("?uuid=" + uuid_of("h1")), Names{"h1"});
  EXPECT_EQ(names("?in_tree=" + uuid_of("h1")), Names{"h1"});
  EXPECT_EQ(names("?in_tree=" + fast), Names{});
  EXPECT_EQ(names("?resources=VCPU:8"), Names{"h2"}) << "one takes no more than there is, whatever the ratio";
  EXPECT_EQ(names("?resources=VCPU:1,MEMORY_MB:8192"), Names{"h1"});
  EXPECT_EQ(names("?member_of=" + fast), Names{"h1"});
  EXPECT_EQ(names("?member_of=in:" + fast + "," + other), Names{"h1"});
  EXPECT_EQ(names("?member_of=!" + fast), Names{"h2"});
  EXPECT_EQ(names("?member_of=" + fast + "&member_of=" + other), Names{});
  EXPECT_EQ(names("?required=COMPUTE_NODE"), (Names{"h1", "h2"}));
  EXPECT_EQ(names("?required=!COMPUTE_NODE"), Names{});
  EXPECT_EQ(names("?required=in:HW_CPU_X86_AVX,COMPUTE_NODE"), (Names{"h1", "h2"}));
  struct Case {
    std::string query;
    int minor;
  };
  for (const Case& wrong : {Case{"?more=1", 39},
                            Case{"?uuid=x", 39},
                            Case{"?in_tree=" + fast, 13},
                            Case{"?resources=VCPU:1", 3},
                            Case{"?member_of=" + fast, 2},
                            Case{"?required=X", 17},
                            Case{"?required=NO_SUCH_TRAIT", 39},
                            Case{"?required=!COMPUTE_NODE", 21},
                            Case{"?required=in:COMPUTE_NODE", 38},
                            Case{"?required=", 39},
                            Case{"?required=A,,B", 39},
                            Case{"?resources=NO_SUCH:1", 39},
                            Case{"?resources=VCPU", 39},
                            Case{"?resources=VCPU:0", 39},
                            Case{"?resources=VCPU:x", 39},
                            Case{"?resources=", 39},
                            Case{"?member_of=x", 39},
                            Case{"?member_of=" + fast + "," + other, 39},
                            Case{"?member_of=!" + fast, 31},
                            Case{"?member_of=" + fast + "&member_of=" + fast, 23}})
    EXPECT_EQ(send("GET", "/resource_providers" + wrong.query, nullptr, wrong.minor).status, 400u) << wrong.query;
}

TEST_F(PlacementTest, WhatServersTakeIsSeenFromEverySide) {
  add_server(1, "h1", {2, 512, 5});
  add_server(2, "h2", {1, 256, 0});
  std::string h1 = uuid_of("h1"), server = to_string(servers_[0].uuid);
  EXPECT_EQ(get("/resource_providers/" + h1 + "/usages")["usages"],
            (Json{{"DISK_GB", 5}, {"MEMORY_MB", 512}, {"VCPU", 2}}));
  Json taken{{"DISK_GB", 5}, {"MEMORY_MB", 512}, {"VCPU", 2}};
  EXPECT_EQ(get("/resource_providers/" + h1 + "/allocations")["allocations"],
            (Json{{server, {{"resources", taken}, {"consumer_generation", 3}}}}));
  EXPECT_EQ(get("/allocations/" + server), (Json{{"allocations", {{h1, {{"generation", 0}, {"resources", taken}}}}},
                                                 {"project_id", to_hex(project_)},
                                                 {"user_id", to_hex(user_)},
                                                 {"consumer_generation", 3},
                                                 {"consumer_type", "unknown"}}));
  EXPECT_FALSE(get("/allocations/" + server, 11).contains("project_id"));
  EXPECT_EQ(get("/allocations/" + h1), (Json{{"allocations", Json::object()}}));
  std::string usages = "/usages?project_id=" + to_hex(project_);
  Json sum{{"DISK_GB", 5}, {"MEMORY_MB", 768}, {"VCPU", 3}};
  EXPECT_EQ(get(usages, 37)["usages"], sum);
  sum["consumer_count"] = 2;
  EXPECT_EQ(get(usages)["usages"], (Json{{"unknown", sum}}));
  EXPECT_EQ(get(usages + "&consumer_type=all")["usages"], (Json{{"all", sum}}));
  EXPECT_EQ(get(usages + "&consumer_type=INSTANCE")["usages"], Json::object());
  EXPECT_EQ(get(usages + "&user_id=" + to_hex(project_))["usages"], Json::object());
}

TEST_F(PlacementTest, ReadersSeeTheirOwnProjectsUsageAlone) {
  std::string own = "/usages?project_id=" + to_hex(project_), other = "/usages?project_id=" + to_hex(user_);
  EXPECT_EQ(send("GET", own, nullptr, 39, UserRole::kReader).status, 200u);
  EXPECT_EQ(send("GET", other, nullptr, 39, UserRole::kReader).status, 403u);
  EXPECT_EQ(send("GET", other).status, 200u);
  EXPECT_EQ(send("GET", "/usages").status, 400u);
  EXPECT_EQ(send("GET", own + "&consumer_type=x").status, 400u);
  EXPECT_EQ(send("GET", own + "&consumer_type=X", nullptr, 37).status, 400u);
  http::Response refused = send("GET", "/resource_providers", nullptr, 39, UserRole::kMember);
  EXPECT_EQ(refused.status, 403u);
  EXPECT_NE(refused.body.find("Policy does not allow placement:resource_providers:list to be performed."),
            std::string::npos);
}

TEST_F(PlacementTest, BodiesAreHeldToTheirTypeAndForm) {
  auto raw = [&](std::string body, std::string type) {
    http::Headers headers;
    if (!type.empty()) headers.emplace_back("Content-Type", type);
    http::Request request{.method = "POST", .target = "/placement/resource_providers", .headers = headers};
    request.headers.emplace_back("X-Auth-Token", token(UserRole::kAdmin));
    request.body = std::move(body);
    replies_.push_back(std::make_unique<Reply>());
    scope_->spawn(run_front(&front_, std::move(request), replies_.back().get()));
    settle();
    return replies_.back()->value_or(http::Response{}).status;
  };
  EXPECT_EQ(raw(R"({"name": "x"})", ""), 400u);
  EXPECT_EQ(raw(R"({"name": "x"})", "text/plain"), 415u);
  EXPECT_EQ(raw("", ""), 415u);
  EXPECT_EQ(raw("{", "application/json"), 400u);
  for (const Json& wrong : {Json{{"name", 1}}, Json{{"name", std::string(201, 'x')}}, Json{{"name", "x"}, {"more", 1}},
                            Json{{"name", "x"}, {"uuid", "x"}}, Json{{"uuid", uuid_of("h9")}}, Json::array()})
    EXPECT_EQ(send("POST", "/resource_providers", wrong).status, 400u) << wrong;
  EXPECT_NE(
      send("POST", "/resource_providers", Json::object())
          .body.find("JSON does not validate: 'name' is a required property Failed validating 'required' in schema"),
      std::string::npos);
  EXPECT_EQ(send("POST", "/resource_providers", {{"name", "x"}, {"parent_provider_uuid", nullptr}}, 13).status, 400u);
}

}  // namespace
}  // namespace kilonova::api::openstack
