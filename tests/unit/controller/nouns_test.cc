// The rooms of the small nouns: who finds what, what goes with what, and pages that survive change.
#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "domain/api.h"
#include "domain/net.h"
#include "domain/nouns/flavor.h"
#include "domain/nouns/host.h"
#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/network.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/nouns/user.h"
#include "domain/operation.h"
#include "domain/user_role.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

class NounsTest : public ControllerTest {
 protected:
  template <class Request>
  typename Request::Reply ask(Request request, std::optional<RequestContext> context = std::nullopt) {
    auto reply = call(request, context);
    EXPECT_TRUE(reply.has_value()) << reply.error().message;
    return reply ? get<typename Request::Reply>(*reply) : typename Request::Reply{};
  }
  ErrorCode code_of(const Expected<ApiResponse>& reply) { return reply ? ErrorCode::kInternal : reply.error().code; }
  // Sends a request and does not wait for its commit.
  void begin(ApiRequest request, RequestContext context) {
    transport->deliver(*core, kApi, ApiCall{context, {}, std::move(request)}, ++calls);
  }
  User make_user(const std::string& name) { return ask(StoreUser{name, "scrypt$x"}).users.at(0); }
  RequestContext as(const User& user) {
    RequestContext context = admin();
    context.user_id = user.id;
    return context;
  }
};

TEST_F(NounsTest, WhatIsAProjectsOwnGoesWithIt) {
  connect_all();
  Uuid lab = ask(CreateProject{"lab", ""}).projects.at(0).id;
  Uuid user = make_user("ada").id;
  ask(GrantRole{"ada", "lab", UserRole::kMember});
  ask(GrantRole{"ada", "admin", UserRole::kReader});
  ask(SetQuota{"lab", Quota{{}, 1, 2, 3}});
  ask(DeleteProject{"lab"});
  restart();
  EXPECT_EQ(core->records().quota(lab).instances, Quota{}.instances);
  EXPECT_EQ(core->records().role(user, lab), UserRole::kNone);
  EXPECT_EQ(core->records().role(user, admin().project_id), UserRole::kReader);
  EXPECT_EQ(image.state()->of<Quota>().size(), 0u);
  EXPECT_EQ(core->records().find_project("lab"), nullptr);
}

TEST_F(NounsTest, WhatIsAUsersOwnGoesWithIt) {
  connect_all();
  User ada = make_user("ada");
  ask(GrantRole{"ada", "admin", UserRole::kMember});
  ask(StoreKeyPair{{.name = "k"}}, as(ada));
  ask(DeleteUser{"ada"});
  restart();
  EXPECT_EQ(core->records().find_user("ada"), nullptr);
  EXPECT_EQ(core->records().role(ada.id, admin().project_id), UserRole::kNone);
  EXPECT_TRUE(image.state()->of<KeyPair>().empty());
}

// A token outlives its user: what it asks while the user is being deleted must leave nothing behind.
TEST_F(NounsTest, NothingIsMadeForAUserThatIsBeingDeleted) {
  connect_all();
  User ada = make_user("ada");
  disk.commit_latency = milliseconds(50);
  begin(DeleteUser{"ada"}, admin());
  begin(GrantRole{"ada", "admin", UserRole::kMember}, admin());
  begin(StoreKeyPair{{.name = "k"}}, as(ada));
  pass(seconds(1));
  ControllerState stored = *image.state();
  EXPECT_TRUE(std::ranges::none_of(stored.of<RoleAssignment>(), [&](const auto& r) { return r.user_id == ada.id; }));
  EXPECT_TRUE(stored.of<KeyPair>().empty());
  EXPECT_EQ(code_of(call(StoreKeyPair{{.name = "k"}}, as(ada))), ErrorCode::kUnauthenticated);
}

TEST_F(NounsTest, TokensOfWhoIsGoneChangeNothing) {
  connect_all();
  User ada = make_user("ada");
  RequestContext of_user = as(ada), of_project = admin();
  of_project.project_id = ask(CreateProject{"lab", ""}).projects.at(0).id;
  ask(DeleteUser{"ada"});
  ask(DeleteProject{"lab"});
  for (const RequestContext& context : {of_user, of_project}) {
    for (const ApiRequest& request :
         {ApiRequest(create_request()), ApiRequest(CreateImage{.name = "i"}), ApiRequest(CreateNetwork{.name = "n"}),
          ApiRequest(StoreKeyPair{{.name = "k"}}), ApiRequest(CreateProject{"p", ""})})
      EXPECT_EQ(code_of(call(request, context)), ErrorCode::kUnauthenticated) << request_name(request);
    EXPECT_TRUE(call(ListImages{}, context).has_value()) << "it may look until it expires";
  }
}

TEST_F(NounsTest, AProjectHasSoManyImages) {
  connect_all();
  RequestContext demo = admin();
  demo.project_id = core->records().find_project("demo")->id;
  for (int i = 0; i < 1'000; ++i) ask(CreateImage{.name = "i"}, demo);
  EXPECT_EQ(code_of(call(CreateImage{.name = "one more"}, demo)), ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(call(CreateImage{.name = "i"}).has_value()) << "another project's";
}

TEST_F(NounsTest, AListIsReadPageByPageWhateverIsDeletedMeanwhile) {
  connect_all();
  for (int i = 0; i < 7; ++i) make_user("user" + std::to_string(i));  // and admin, demo
  std::vector<Uuid> seen;
  ListUsers request{.limit = 4};
  for (bool more = true; more;) {
    UserList page = ask(request);
    EXPECT_LE(page.users.size(), 4u);
    for (const User& user : page.users) seen.push_back(user.id);
    more = page.more;
    if (page.users.empty()) break;
    request.marker = to_string(page.users.back().id);
    ask(DeleteUser{page.users.back().name});
  }
  EXPECT_EQ(seen.size(), 10u);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  EXPECT_EQ(code_of(call(ListUsers{.marker = "nobody"})), ErrorCode::kInvalidArgument);
}

TEST_F(NounsTest, HostsAndKeyPairsHaveTheirNamesAsMarkers) {
  connect_all();
  HostList hosts = ask(ListHosts{.limit = 2});
  EXPECT_TRUE(hosts.more);
  EXPECT_EQ(hosts.hosts.at(1).host.name, "h2");
  hosts = ask(ListHosts{.limit = 2, .marker = "h2"});
  EXPECT_FALSE(hosts.more);
  EXPECT_EQ(hosts.hosts.at(0).host.name, "h3");
  for (const char* name : {"a", "b", "c"}) ask(StoreKeyPair{{.name = name}});
  KeyPairList keys = ask(ListKeyPairs{.limit = 2});
  EXPECT_TRUE(keys.more);
  keys = ask(ListKeyPairs{.limit = 2, .marker = "b"});
  ASSERT_EQ(keys.key_pairs.size(), 1u);
  EXPECT_EQ(keys.key_pairs[0].name, "c");
}

TEST_F(NounsTest, TakesNoNameWhereIdsAloneAreGiven) {
  connect_all();
  CreateServers request = create_request();
  request.ids_only = true;
  const ImageList images = get<ImageList>(*call(ListImages{}));
  const std::string image = to_string(images.images.at(0).id);
  for (auto [flavor, image_named] : {std::pair<std::string, std::string>("m1.tiny", image), {"1", "cirros"}}) {
    request.flavor = flavor;
    request.image = image_named;
    auto refused = call(request);
    ASSERT_FALSE(refused.has_value()) << flavor << " " << image_named;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(core->instances().size(), 0u);
  request.flavor = "1";
  request.image = image;
  EXPECT_TRUE(call(request).has_value());
}

TEST_F(NounsTest, HostsThatAreNamedAreListedWithoutThoseThatAreNotThere) {
  connect_all();
  HostList hosts = ask(ListHosts{.hosts = {"h3", "h1", "nowhere"}});
  ASSERT_EQ(hosts.hosts.size(), 2u);
  EXPECT_EQ(hosts.hosts[0].host.name, "h3");
  EXPECT_EQ(hosts.hosts[1].host.name, "h1");
  EXPECT_FALSE(hosts.more);
  EXPECT_TRUE(ask(ListHosts{.hosts = {"nowhere"}}).hosts.empty());
}

TEST_F(NounsTest, TagsOfAKeyPairAreItsUsersAndSurviveARestart) {
  connect_all();
  User ada = make_user("ada");
  ask(GrantRole{"ada", "admin", UserRole::kMember});
  ask(StoreKeyPair{{.name = "k", .tags = {{"a", "1"}, {"b", "2"}}}}, as(ada));
  ask(TagKeyPair{"k", {"a", "none"}, {{"c", "3"}, {"b", "4"}}}, as(ada));
  restart();
  connect_all();
  const std::vector<MetadataItem> tags{{"b", "4"}, {"c", "3"}};
  EXPECT_EQ(ask(ListKeyPairs{.name = "k"}, as(ada)).key_pairs.at(0).tags, tags);
  EXPECT_EQ(code_of(call(TagKeyPair{"k", {}, {{"d", ""}}})), ErrorCode::kNotFound) << "another user's";
  std::vector<MetadataItem> many;
  for (size_t i = 0; i + 1 < kMaxKeyPairTags; ++i) many.push_back({"t" + std::to_string(i), ""});
  EXPECT_EQ(code_of(call(TagKeyPair{"k", {}, many}, as(ada))), ErrorCode::kQuotaExceeded);
  EXPECT_EQ(ask(ListKeyPairs{.name = "k"}, as(ada)).key_pairs.at(0).tags, tags);
}

TEST_F(NounsTest, OneThatIsNamedAndNotThereIsNotFound) {
  connect_all();
  EXPECT_EQ(code_of(call(ListFlavors{"nope"})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(call(ListImages{"nope"})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(call(ListKeyPairs{"nope"})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(call(ListProjects{"nope"})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(call(ListUsers{"nope"})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(call(ListHosts{"nope"})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(call(GetQuota{"nope"})), ErrorCode::kNotFound);
}

TEST_F(NounsTest, ExtraSpecsAreSetAndUnset) {
  connect_all();
  CreateFlavor create{{.name = "gpu", .memory_mb = 1, .extra_specs = {{"ssd", "no"}, {"gpu", "1"}, {"ssd", "yes"}}}};
  EXPECT_EQ(ask(create).flavors.at(0).extra_specs, (std::vector<MetadataItem>{{"gpu", "1"}, {"ssd", "yes"}}));
  ask(SetFlavor{"gpu", {{"hw:cpu_policy", "dedicated"}, {"gpu", "2"}}, {"ssd"}});
  EXPECT_EQ(code_of(call(SetFlavor{"gpu", {{"a", "b"}}, {"nope"}})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(call(SetFlavor{"nope", {}, {}})), ErrorCode::kNotFound);
  restart();
  EXPECT_EQ(ask(ListFlavors{"gpu"}).flavors.at(0).extra_specs,
            (std::vector<MetadataItem>{{"gpu", "2"}, {"hw:cpu_policy", "dedicated"}}));
}

TEST_F(NounsTest, ATakenNameIsRefused) {
  connect_all();
  EXPECT_EQ(code_of(call(CreateFlavor{{.name = "m1.tiny", .memory_mb = 1}})), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code_of(call(CreateProject{"admin", ""})), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code_of(call(StoreUser{"demo", "scrypt$x"})), ErrorCode::kAlreadyExists);
}

TEST_F(NounsTest, TheQuotaOfNoProjectIsTheCallersOwn) {
  connect_all();
  ask(SetQuota{"", Quota{{}, 1, 2, 3}});
  EXPECT_EQ(ask(GetQuota{}).quota.cores, 2);
  EXPECT_EQ(ask(GetQuota{"admin"}).quota.ram_mb, 3);
}

}  // namespace
}  // namespace kilonova::controller
