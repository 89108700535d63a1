// Records of the HTTP front's own kinds: who writes first wins, names are unique in a kind, all of it survives a restart.
#include <gmock/gmock.h>

#include <string>

#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

using ::testing::HasSubstr;

class ApiRecordsTest : public ControllerTest {
 protected:
  ApiRecordsTest() { connect_all(); }

  ApiRecord put(PutApiRecord request) {
    auto reply = call(std::move(request));
    EXPECT_TRUE(reply.has_value()) << reply.error().message;
    return reply ? get<ApiRecordList>(*reply).records.at(0) : ApiRecord{};
  }
  ErrorCode refusal(ApiRequest request) {
    auto reply = call(std::move(request));
    EXPECT_FALSE(reply.has_value());
    return reply ? ErrorCode::kInternal : reply.error().code;
  }
  std::vector<std::string> ids(ListApiRecords request) {
    std::vector<std::string> found;
    auto reply = call(std::move(request));
    EXPECT_TRUE(reply.has_value());
    if (reply)
      for (const ApiRecord& record : get<ApiRecordList>(*reply).records) found.push_back(record.id);
    return found;
  }
};

TEST_F(ApiRecordsTest, AreMadeReplacedListedAndSurviveARestart) {
  ApiRecord made = put({"region", "west", "", "", R"({"description":""})", 0});
  EXPECT_EQ(made.revision, 1u);
  EXPECT_EQ(made.created_at, made.updated_at);
  put({"region", "east", "u1", "", "{}", 0});
  put({"regions", "other-kind", "", "", "{}", 0});
  ApiRecord changed = put({"region", "west", "u2", "", R"({"a":1})", 1});
  EXPECT_EQ(changed.revision, 2u);
  EXPECT_EQ(changed.created_at, made.created_at);
  restart();
  EXPECT_EQ(ids({.kind = "region"}), (std::vector<std::string>{"east", "west"}));
  EXPECT_EQ(ids({.kind = "region", .owner = "u2"}), std::vector<std::string>{"west"});
  EXPECT_EQ(ids({.kind = "region", .limit = 1}), std::vector<std::string>{"east"});
  EXPECT_EQ(ids({.kind = "region", .marker = "east"}), std::vector<std::string>{"west"});
  EXPECT_EQ(ids({.kind = "no-such-kind"}), std::vector<std::string>{});
  EXPECT_EQ(get<ApiRecordList>(*call(ListApiRecords{.kind = "region", .id = "west"})).records.at(0), changed);
}

TEST_F(ApiRecordsTest, WhoKnewAnOlderOneIsRefused) {
  put({"role", "r", "", "", "1", 0});
  put({"role", "r", "", "", "2", 1});
  EXPECT_EQ(refusal(PutApiRecord{"role", "r", "", "", "3", 1}), ErrorCode::kConflict);
  EXPECT_EQ(refusal(PutApiRecord{"role", "r", "", "", "3", 0}), ErrorCode::kAlreadyExists);
  EXPECT_EQ(refusal(PutApiRecord{"role", "gone", "", "", "3", 1}), ErrorCode::kNotFound);
  EXPECT_EQ(get<ApiRecordList>(*call(ListApiRecords{.kind = "role", .id = "r"})).records.at(0).body, "2");
}

TEST_F(ApiRecordsTest, AnOwnerHasSoManyOfAKind) {
  ChangeApiRecords many;
  for (size_t i = 0; i < kRecordsOfOwner; ++i)
    many.put.push_back({.kind = "trust", .id = std::to_string(i), .owner = "u1", .unique_name = {}, .body = {}});
  ASSERT_TRUE(call(std::move(many)).has_value());
  auto refused = call(PutApiRecord{"trust", "one-more", "u1", "", "", 0});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_THAT(refused.error().message, HasSubstr("u1 has 10000 records of kind trust"));
  put({"trust", "one-more", "u2", "", "", 0});
  put({"region", "one-more", "u1", "", "", 0});
  put({"trust", "7", "u1", "", "changed", 1});
  ASSERT_TRUE(call(DeleteApiRecord{"trust", "7"}).has_value());
  put({"trust", "one", "u1", "", "", 0});
}

TEST_F(ApiRecordsTest, ANameIsUniqueInItsKind) {
  put({"role", "r1", "", "chef", "", 0});
  EXPECT_EQ(refusal(PutApiRecord{"role", "r2", "", "chef", "", 0}), ErrorCode::kAlreadyExists);
  put({"group", "g1", "", "chef", "", 0});
  put({"role", "r1", "", "cook", "", 1});
  put({"role", "r2", "", "chef", "", 0});
  EXPECT_EQ(refusal(PutApiRecord{"role", "r1", "", "chef", "", 2}), ErrorCode::kAlreadyExists);
}

TEST_F(ApiRecordsTest, AreDeletedOnce) {
  put({"role", "r", "", "", "", 0});
  ASSERT_TRUE(call(DeleteApiRecord{"role", "r"}).has_value());
  EXPECT_EQ(refusal(DeleteApiRecord{"role", "r"}), ErrorCode::kNotFound);
  EXPECT_EQ(refusal(ListApiRecords{.kind = "role", .id = "r"}), ErrorCode::kNotFound);
  EXPECT_EQ(put({"role", "r", "", "", "", 0}).revision, 1u);
}

TEST_F(ApiRecordsTest, WhatTheStoreRefusesChangesNothing) {
  put({"role", "r", "", "", "old", 0});
  disk.fail_next({ErrorCode::kUnavailable, "the disk is full"});
  EXPECT_EQ(refusal(PutApiRecord{"role", "r", "", "", "new", 1}), ErrorCode::kUnavailable);
  disk.fail_next({ErrorCode::kUnavailable, "the disk is full"});
  EXPECT_EQ(refusal(DeleteApiRecord{"role", "r"}), ErrorCode::kUnavailable);
  EXPECT_EQ(get<ApiRecordList>(*call(ListApiRecords{.kind = "role", .id = "r"})).records.at(0).body, "old");
}

TEST_F(ApiRecordsTest, SeveralAreChangedTogetherOrNotAtAll) {
  put({"provider", "p", "", "one", "1", 0});
  put({"consumer", "c", "", "", "1", 0});
  auto changed = call(ChangeApiRecords{.put = {{"provider", "p", "", "one", "2", 1}, {"class", "new", "", "", "", 0}},
                                       .erase = {{.kind = "consumer", .id = "c", .revision = 1}}});
  ASSERT_TRUE(changed.has_value()) << changed.error().message;
  EXPECT_EQ(get<ApiRecordList>(*changed).records.at(0).revision, 2u);
  EXPECT_EQ(get<ApiRecordList>(*changed).records.at(1).id, "new");
  restart();
  EXPECT_EQ(ids({.kind = "consumer"}), std::vector<std::string>{});
  EXPECT_EQ(ids({.kind = "class"}), std::vector<std::string>{"new"});
  auto one = [](const char* kind, const char* id, uint64_t revision) {
    return ApiRecord{.kind = kind, .id = id, .body = "3", .revision = revision};
  };
  struct Case {
    ChangeApiRecords change;
    ErrorCode code;
  };
  for (const Case& wrong :
       {Case{{.put = {one("class", "x", 0), one("provider", "p", 1)}}, ErrorCode::kConflict},
        Case{{.put = {one("class", "x", 0), one("class", "new", 0)}}, ErrorCode::kAlreadyExists},
        Case{{.put = {one("class", "x", 0)}, .erase = {one("provider", "p", 1)}}, ErrorCode::kConflict},
        Case{{.put = {one("class", "x", 0)}, .erase = {one("consumer", "c", 1)}}, ErrorCode::kNotFound},
        Case{{.put = {one("class", "x", 0), {"provider", "q", "", "one", "", 0}}}, ErrorCode::kAlreadyExists}})
    EXPECT_EQ(refusal(wrong.change), wrong.code);
  disk.fail_next({ErrorCode::kUnavailable, "the disk is full"});
  EXPECT_EQ(refusal(ChangeApiRecords{.put = {one("class", "x", 0), one("provider", "p", 2)}, .erase = {}}),
            ErrorCode::kUnavailable);
  EXPECT_EQ(ids({.kind = "class"}), std::vector<std::string>{"new"});
  EXPECT_EQ(get<ApiRecordList>(*call(ListApiRecords{.kind = "provider", .id = "p"})).records.at(0).body, "2");
}

TEST(ApiRecordForm, IsCheckedAndNamed) {
  const ApiRecord good{.kind = "role", .id = "r"};
  const ApiRecord bad{.kind = "a kind", .id = "r"};
  EXPECT_TRUE(ChangeApiRecords({.put = {good}, .erase = {}}).check().has_value());
  EXPECT_FALSE(ChangeApiRecords({.put = {bad}, .erase = {}}).check().has_value());
  EXPECT_FALSE(ChangeApiRecords({.put = {}, .erase = {bad}}).check().has_value());
  EXPECT_THAT(ChangeApiRecords({.put = {good, good}, .erase = {}}).check().error().message, HasSubstr("twice"));
  EXPECT_THAT(ChangeApiRecords(
                  {.put = {{.kind = "a", .id = "x", .unique_name = "n"}, {.kind = "a", .id = "y", .unique_name = "n"}},
                   .erase = {}})
                  .check()
                  .error()
                  .message,
              HasSubstr("twice"));
  EXPECT_THAT(ChangeApiRecords({.put = std::vector<ApiRecord>(kMaxApiRecordsPerChange + 1, good), .erase = {}})
                  .check()
                  .error()
                  .message,
              HasSubstr("2001"));
  EXPECT_THAT(PutApiRecord({"a kind", "r", "", "", "", 0}).check().error().message, HasSubstr("kind"));
  EXPECT_FALSE(PutApiRecord({"role", "", "", "", "", 0}).check().has_value());
  EXPECT_THAT(PutApiRecord({"role", "r", "", "", std::string(kMaxApiRecordBytes + 1, 'x'), 0}).check().error().message,
              HasSubstr("262145 bytes"));
  EXPECT_FALSE(ListApiRecords({.kind = "role", .limit = 0}).check().has_value());
  EXPECT_TRUE(DeleteApiRecord({"role", "r"}).check().has_value());
}

// A user and a project keep their ids, and with them everything that is theirs.
TEST_F(ApiRecordsTest, AUserAndAProjectAreRenamedAndDisabled) {
  User user = get<UserList>(*call(StoreUser{"amy", "scrypt$old"})).users.at(0);
  Project project = get<ProjectList>(*call(CreateProject{"p", "first"})).projects.at(0);
  ASSERT_TRUE(call(GrantRole{"amy", "p", UserRole::kMember}).has_value());
  EXPECT_EQ(get<FoundUser>(*call(FindUser{"amy", "p"})).user.password_hash, "scrypt$old");
  ASSERT_TRUE(call(ReplaceUser{to_string(user.id), "ann", "scrypt$new", true}).has_value());
  ASSERT_TRUE(call(ReplaceProject{to_string(project.id), "q", "second", true}).has_value());
  FoundUser found = get<FoundUser>(*call(FindUser{"ann", "q"}));
  EXPECT_EQ(found.user.id, user.id);
  EXPECT_EQ(found.user.password_hash, "scrypt$new");
  EXPECT_EQ(found.project.description, "second");
  ASSERT_TRUE(call(ReplaceUser{to_string(user.id), "ann", "", true}).has_value());
  EXPECT_EQ(get<FoundUser>(*call(FindUser{"ann", "q"})).user.password_hash, "scrypt$new") << "no hash leaves it";
  EXPECT_EQ(refusal(ReplaceUser{to_string(user.id), "admin", "", true}), ErrorCode::kAlreadyExists);
  EXPECT_EQ(refusal(ReplaceProject{to_string(project.id), "admin", "", true}), ErrorCode::kAlreadyExists);
  ASSERT_TRUE(call(ReplaceProject{to_string(project.id), "q", "", false}).has_value());
  EXPECT_EQ(refusal(FindUser{"ann", "q"}), ErrorCode::kNotFound) << "a disabled project is nobody's";
  ASSERT_TRUE(call(ReplaceProject{to_string(project.id), "q", "", true}).has_value());
  ASSERT_TRUE(call(ReplaceUser{to_string(user.id), "ann", "", false}).has_value());
  EXPECT_EQ(refusal(FindUser{"ann", "q"}), ErrorCode::kNotFound);
}

// Keystone's log-in asks for no project, and its tokens may be for none.
TEST_F(ApiRecordsTest, AUserWithoutARoleIsFoundWhereNoProjectIsNamed) {
  User user = get<UserList>(*call(StoreUser{"amy", "scrypt$old"})).users.at(0);
  FoundUser found = get<FoundUser>(*call(FindUser{"amy", ""}));
  EXPECT_EQ(found.user.id, user.id);
  EXPECT_EQ(found.role, UserRole::kNone);
  EXPECT_EQ(refusal(FindUser{"amy", "admin"}), ErrorCode::kNotFound);
  RequestContext of_a_domain{.user_id = user.id, .role = UserRole::kAdmin};
  EXPECT_TRUE(call(CreateProject{"p", ""}, of_a_domain).has_value());
  RequestContext of_another{.user_id = user.id, .project_id = user.id, .role = UserRole::kAdmin};
  EXPECT_EQ(call(CreateProject{"q", ""}, of_another).error().code, ErrorCode::kUnauthenticated) << "there is none";
}

}  // namespace
}  // namespace kilonova::controller
