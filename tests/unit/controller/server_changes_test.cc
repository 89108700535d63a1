// What users say of their servers, and the lock.
#include <gmock/gmock.h>

#include "domain/ec2_id.h"
#include "domain/server_properties.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ServerChangesTest : public ControllerTest {
 protected:
  ServerChangesTest() {
    connect_all();
    server = create();
    make_active(server);
  }
  ServerList ask(SetServer request) {
    auto reply = call(std::move(request));
    EXPECT_TRUE(reply.has_value()) << (reply ? "" : reply.error().message);
    return reply ? get<ServerList>(*reply) : ServerList{};
  }
  template <class Request>
  Error refusal(Request request, std::optional<RequestContext> context = std::nullopt) {
    auto reply = call(std::move(request), context);
    EXPECT_FALSE(reply.has_value());
    return reply ? Error{ErrorCode::kInternal, ""} : reply.error();
  }
  ServerProperties shown() {
    ServerList list = get<ServerList>(*call(GetServer{to_string(server.uuid)}));
    return list.properties.empty() ? ServerProperties{} : list.properties.front();
  }
  RequestContext member() const {
    RequestContext context = admin();
    context.role = UserRole::kMember;
    return context;
  }

  Instance server;
};

TEST_F(ServerChangesTest, WhatIsSaidIsStoredShownAndErasedWithTheServer) {
  SetServer set{.server = "web", .description = "the front", .sets_description = true};
  set.set_metadata = {{"role", "web"}, {"a", "1"}, {"role", "db"}};
  set.add_tags = {"blue", "az", "blue"};
  ask(set);
  restart();
  connect_all();
  ServerProperties known = shown();
  EXPECT_EQ(known.description, "the front");
  EXPECT_THAT(known.metadata, ElementsAre(MetadataItem{"a", "1"}, MetadataItem{"role", "db"}));
  EXPECT_THAT(known.tags, ElementsAre("az", "blue"));
  ServerList list = get<ServerList>(*call(ListServers{}));
  EXPECT_EQ(list.properties.size(), 1u);

  ask({.server = "web", .replaces_metadata = true, .set_metadata = {{"b", "2"}}, .replaces_tags = true});
  EXPECT_THAT(shown().metadata, ElementsAre(MetadataItem{"b", "2"}));
  EXPECT_TRUE(shown().tags.empty());
  ask({.server = "web", .sets_description = true, .unset_metadata = {"b"}});
  EXPECT_TRUE(core->records().of<ServerProperties>().empty()) << "nothing is left to store";

  ask({.server = "web", .add_tags = {"x"}});
  ASSERT_TRUE(call(DeleteServer{"web"}).has_value());
  deliver(InstanceTerminated{"h1", {server.uuid, 2}});
  deliver(AddressesReleased{{server.uuid, 2}}, kNetwork);
  EXPECT_EQ(row(server.uuid), nullptr);
  EXPECT_TRUE(core->records().of<ServerProperties>().empty());
  EXPECT_TRUE(store->load()->of<ServerProperties>().empty());
}

TEST_F(ServerChangesTest, ACreateSaysItOfEachOfItsServers) {
  CreateServers request = create_request("two", 2);
  request.description = "twins";
  request.metadata = {{"k", "v"}};
  request.tags = {"t"};
  request.user_data = "aGVsbG8=";
  request.config_drive = true;
  auto reply = get<CreateServersReply>(*call(request));
  ASSERT_EQ(reply.properties.size(), 2u);
  EXPECT_EQ(reply.properties[1].instance, reply.servers[1].uuid);
  EXPECT_EQ(reply.properties[1].user_data, "aGVsbG8=");
  EXPECT_EQ(core->records().of<ServerProperties>().size(), 2u);
}

TEST_F(ServerChangesTest, AnotherNameIsFoundByItAndAfterARestart) {
  EXPECT_EQ(ask({.server = "web", .name = "front"}).servers.at(0).name, "front");
  EXPECT_EQ(refusal(GetServer{"web"}).code, ErrorCode::kNotFound);
  EXPECT_TRUE(call(GetServer{"front"}).has_value());
  restart();
  connect_all();
  EXPECT_EQ(row(server.uuid)->name, "front");
  EXPECT_TRUE(call(GetServer{"front"}).has_value());
}

TEST_F(ServerChangesTest, EachIsFoundByItsEc2IdInItsProjectAlone) {
  const std::string id = ec2_instance_id(row(server.uuid)->id);
  EXPECT_EQ(get<ServerList>(*call(GetServer{id})).servers.at(0).uuid, server.uuid);
  RequestContext stranger = member();
  stranger.project_id = Uuid{{1, 2, 3}};
  EXPECT_EQ(refusal(GetServer{id}, stranger).code, ErrorCode::kNotFound);
  EXPECT_EQ(refusal(GetServer{"i-7fffffff"}).code, ErrorCode::kNotFound);
  // It goes before another one's name; a name that is nobody's id stays a name.
  ask({.server = to_string(create(id).uuid), .name = "i-7fffffff"});
  EXPECT_NE(get<ServerList>(*call(GetServer{"i-7fffffff"})).servers.at(0).uuid, server.uuid);
  EXPECT_EQ(get<ServerList>(*call(GetServer{id})).servers.at(0).uuid, server.uuid);
}

TEST_F(ServerChangesTest, AreRefusedAsNovaRefusesThem) {
  EXPECT_EQ(refusal(SetServer{.server = "nope"}).code, ErrorCode::kNotFound);
  EXPECT_EQ(refusal(SetServer{.server = "web", .unset_metadata = {"nope"}}).message, "Metadata item was not found");
  EXPECT_THAT(refusal(SetServer{.server = "web", .remove_tags = {"nope"}}).message, HasSubstr("Tag nope could not be"));
  SetServer many{.server = "web"};
  for (int i = 0; i < 129; ++i) many.set_metadata.push_back({"key-" + std::to_string(i), ""});
  EXPECT_EQ(refusal(many).code, ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(core->records().of<ServerProperties>().empty());

  Instance building = create("building");
  EXPECT_EQ(refusal(SetServer{.server = "building", .set_metadata = {{"a", "b"}}}).message,
            "Cannot 'update metadata' instance " + to_string(building.uuid) + " while it is in vm_state building");
  EXPECT_EQ(refusal(SetServer{.server = "building", .add_tags = {"a"}}).code, ErrorCode::kConflict);
  EXPECT_TRUE(call(SetServer{.server = "building", .set_metadata = {{"a", "b"}}, .in_any_state = true}).has_value());
  EXPECT_EQ(core->records().of<ServerProperties>().at(building.uuid).metadata,
            (std::vector<MetadataItem>{{"a", "b"}}));
  EXPECT_TRUE(call(SetServer{.server = "building", .name = "renamed"}).has_value()) << "its name is its users'";

  disk.fail_next({ErrorCode::kUnavailable, "full"});
  EXPECT_EQ(refusal(SetServer{.server = "web", .name = "other", .add_tags = {"x"}}).code, ErrorCode::kUnavailable);
  EXPECT_EQ(row(server.uuid)->name, "web");
  EXPECT_EQ(core->records().of<ServerProperties>().size(), 1u) << "those of the other one";
  EXPECT_FALSE(core->records().of<ServerProperties>().contains(server.uuid));
}

TEST_F(ServerChangesTest, ALockedServerIsChangedByAdministratorsAlone) {
  ASSERT_TRUE(call(LockServer{.server = "web", .reason = "mine"}, member()).has_value());
  EXPECT_EQ(shown().locked_by, LockedBy::kOwner);
  EXPECT_EQ(shown().locked_reason, "mine");
  const std::string locked = "Instance " + to_string(server.uuid) + " is locked";
  EXPECT_EQ(refusal(ServerAction{"web", ServerActionKind::kStop}, member()).message, locked);
  EXPECT_EQ(refusal(DeleteServer{"web"}, member()).message, locked);
  EXPECT_EQ(refusal(SetServer{.server = "web", .set_metadata = {{"a", "b"}}}, member()).code, ErrorCode::kConflict);
  EXPECT_TRUE(call(ServerAction{"web", ServerActionKind::kStop}).has_value());
  ASSERT_TRUE(call(LockServer{.server = "web", .locked = false}, member()).has_value());
  EXPECT_EQ(shown().locked_by, LockedBy::kNobody);
}

TEST_F(ServerChangesTest, WhatAnAdministratorLockedItsOwnerCannotUnlock) {
  RequestContext other = admin();
  other.user_id = get<UserList>(*call(StoreUser{"other", "scrypt$x"})).users.at(0).id;
  ASSERT_TRUE(call(LockServer{.server = to_string(server.uuid)}, other).has_value());
  EXPECT_EQ(shown().locked_by, LockedBy::kAdmin);
  EXPECT_EQ(refusal(LockServer{.server = "web", .locked = false}, member()).code, ErrorCode::kPermissionDenied);
  ASSERT_TRUE(call(LockServer{.server = "web"}, member()).has_value());
  EXPECT_EQ(shown().locked_by, LockedBy::kAdmin) << "a lock of the owner does not weaken it";
  EXPECT_TRUE(call(LockServer{.server = "web", .locked = false}, other).has_value());
}

TEST(ServerPropertiesForms, AreNovas) {
  EXPECT_TRUE(check_user_data("aGVsbG8=").has_value());
  EXPECT_TRUE(check_user_data("").has_value());
  EXPECT_TRUE(check_user_data("aGVs\nbG8=\n").has_value()) << "as Python's b64decode, which passes over line breaks";
  for (const char* wrong : {"aGVsbG8", "a===", "aGVs bG8", "a", "aG=s"})
    EXPECT_FALSE(check_user_data(wrong).has_value()) << wrong;
  EXPECT_FALSE(check_user_data(std::string(65'536, 'A')).has_value());
  EXPECT_FALSE(check_tags({"a/b"}).has_value());
  EXPECT_FALSE(check_tags({"a,b"}).has_value());
  EXPECT_FALSE(check_tags({std::string(61, 'a')}).has_value());
  EXPECT_FALSE(check_tags({""}).has_value());
  std::vector<std::string> tags;
  for (int i = 0; i < 50; ++i) tags.push_back("t" + std::to_string(i));
  EXPECT_TRUE(check_tags(tags).has_value());
  tags.push_back("one more");
  EXPECT_FALSE(check_tags(tags).has_value());
  // EC2's tags are metadata too.
  EXPECT_TRUE(check_metadata({{"a/b", std::string(256, 'x')}}).has_value());
  EXPECT_FALSE(check_metadata({{"", ""}}).has_value());
  EXPECT_FALSE(check_metadata({{"a", std::string(257, 'x')}}).has_value());
}

}  // namespace
}  // namespace kilonova::controller
