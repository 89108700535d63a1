// Images: who may use and see which, whose write counts, what may be deleted.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "domain/nouns/image.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

Uuid id_of(uint8_t last) {
  Uuid id;
  id.bytes.back() = last;
  return id;
}

const Uuid kOwner = id_of(0xa1);
const Uuid kOther = id_of(0xb2);

Image an_image(uint8_t id, ImageVisibility visibility) {
  Image row{.id = id_of(id), .name = "image-" + std::to_string(id), .owner = kOwner, .visibility = visibility};
  row.revision = 0;
  return row;
}

class ImagesTest : public ControllerTest {
 protected:
  ImagesTest() { connect_all(); }

  Expected<ApiResponse> as(const Uuid& project, ApiRequest request) {
    RequestContext context;
    context.project_id = project;
    context.role = UserRole::kMember;
    return call(std::move(request), context);
  }
  Image put(Image row) {
    auto reply = call(PutImage{std::move(row)});
    EXPECT_TRUE(reply.has_value()) << reply.error().message;
    return reply ? get<ImageList>(*reply).images.at(0) : Image{};
  }
  ErrorCode refusal(ApiRequest request) {
    auto reply = call(std::move(request));
    EXPECT_FALSE(reply.has_value());
    return reply ? ErrorCode::kInternal : reply.error().code;
  }
  std::vector<std::string> names(const Uuid& project, bool usable = false) {
    std::vector<std::string> found;
    auto reply = as(project, ListImages{.usable = usable});
    EXPECT_TRUE(reply.has_value());
    if (reply)
      for (const Image& one : get<ImageList>(*reply).images) found.push_back(one.name);
    return found;
  }
};

TEST_F(ImagesTest, AreListedForWhomTheyAreMeant) {
  put(an_image(1, ImageVisibility::kPrivate));
  put(an_image(2, ImageVisibility::kCommunity));
  Image shared = an_image(3, ImageVisibility::kShared);
  shared.members = {{to_hex(kOther), "pending"}};
  shared = put(shared);
  put(an_image(4, ImageVisibility::kPublic));

  EXPECT_THAT(names(kOwner), Contains("image-1"));
  EXPECT_THAT(names(kOther), Not(Contains("image-1")));
  EXPECT_THAT(names(kOther), Not(Contains("image-2")));
  EXPECT_THAT(names(kOther), Not(Contains("image-3")));
  EXPECT_THAT(names(kOther), Contains("image-4"));
  EXPECT_THAT(names(kOther, true), Contains("image-2"));
  EXPECT_THAT(names(kOther, true), Contains("image-3"));
  EXPECT_FALSE(as(kOther, ListImages{.image = to_string(id_of(1))}).has_value());
  EXPECT_TRUE(as(kOther, ListImages{.image = to_string(id_of(3))}).has_value());

  shared.members = {{to_hex(kOther), "accepted"}};
  put(shared);
  EXPECT_THAT(names(kOther), Contains("image-3"));
}

TEST_F(ImagesTest, WhoKnewAnOlderOneIsRefused) {
  Image made = put(an_image(1, ImageVisibility::kPublic));
  EXPECT_EQ(made.revision, 1u);
  EXPECT_EQ(refusal(PutImage{an_image(1, ImageVisibility::kPublic)}), ErrorCode::kAlreadyExists);
  Image changed = made;
  changed.name = "changed";
  EXPECT_EQ(put(changed).revision, 2u);
  EXPECT_EQ(refusal(PutImage{made}), ErrorCode::kConflict);
  made.id = id_of(9);
  EXPECT_EQ(refusal(PutImage{made}), ErrorCode::kNotFound);
}

TEST_F(ImagesTest, ASnapshotStaysOfItsServerAndKeepsItsBeginning) {
  Image made = put(an_image(1, ImageVisibility::kPublic));
  Image changed = made;
  changed.server = id_of(7);
  changed.rotation = 3;
  changed.created_at = WallTime{1};
  changed = put(changed);
  EXPECT_EQ(changed.server, Uuid{});
  EXPECT_EQ(changed.rotation, 0);
  EXPECT_EQ(changed.created_at, made.created_at);
}

TEST_F(ImagesTest, AProtectedOneIsNotDeleted) {
  Image made = an_image(1, ImageVisibility::kPublic);
  made.is_protected = true;
  made = put(made);
  auto refused = call(DeleteImage{to_string(made.id)});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
  EXPECT_THAT(refused.error().message, HasSubstr("protected"));
  made.is_protected = false;
  put(made);
  EXPECT_TRUE(call(DeleteImage{to_string(made.id)}).has_value());
}

TEST_F(ImagesTest, SurvivesARestart) {
  Image made = an_image(1, ImageVisibility::kShared);
  made.members = {{to_hex(kOther), "rejected"}};
  made.details = R"({"tags":["a"]})";
  made = put(made);
  restart();
  connect_all();
  auto reply = call(ListImages{.image = to_string(made.id)});
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(get<ImageList>(*reply).images.at(0), made);
}

TEST_F(ImagesTest, AProjectHasAThousand) {
  for (int i = 0; i < 1'000; ++i) {
    Image one = an_image(0, ImageVisibility::kPrivate);
    one.id.bytes[0] = static_cast<uint8_t>(i % 250 + 1);
    one.id.bytes[1] = static_cast<uint8_t>(i / 250 + 1);
    put(one);
  }
  EXPECT_EQ(refusal(PutImage{an_image(1, ImageVisibility::kPrivate)}), ErrorCode::kQuotaExceeded);
}

}  // namespace
}  // namespace kilonova::controller
