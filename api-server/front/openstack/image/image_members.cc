// Glance: the projects that an image is shared with (glance/api/v2/image_members.py).
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/image/image_form.h"
#include "api-server/front/openstack/image/image_record.h"
#include "api-server/front/openstack/image/routes.h"
#include "api-server/front/openstack/times.h"

namespace kilonova::api::openstack {
namespace {

// Times of members lie in the details: {"members": {project: [created, updated]}}, in microseconds.
Json member_view(const Image& image, const MetadataItem& one) {
  Json details = details_of(image);
  WallTime created = image.created_at;
  WallTime updated = created;
  if (const Json* times = member_at(details, {"members", one.key}); times != nullptr && times->is_array()) {
    if (times->size() == 2 && (*times)[0].is_number_integer() && (*times)[1].is_number_integer()) {
      created = WallTime{(*times)[0].get<int64_t>()};
      updated = WallTime{(*times)[1].get<int64_t>()};
    }
  }
  return {{"member_id", one.key},
          {"image_id", to_string(image.id)},
          {"status", one.value},
          {"created_at", time_to_seconds(created)},
          {"updated_at", time_to_seconds(updated)},
          {"schema", "/v2/schemas/member"}};
}

void set_member(Image& image, const MetadataItem& item, WallTime now) {
  Json details = details_of(image);
  Json& times = details["members"][item.key];
  if (!times.is_array()) times = Json::array({now.us, now.us});
  times[1] = now.us;
  set_details(image, details);
  put_item(image.members, item);
}

const MetadataItem* member_of(const Image& image, const std::string& project) {
  auto found = std::ranges::find(image.members, project, &MetadataItem::key);
  return found == image.members.end() ? nullptr : &*found;
}

bool is_owner(const Call& call, const Image& image) { return image.owner == call.caller.project_id || call.is_admin(); }

// A member sees itself, and no other.
bool may_see(const Call& call, const Image& image, const std::string& project) {
  return is_owner(call, image) || project == to_hex(call.caller.project_id);
}

std::unexpected<Refusal> no_member(const Image& image, const std::string& project) {
  return refused(404, fmt::format("{} not found in the member list of the image {}.", project, to_string(image.id)));
}

Checked check_shared(const Image& image) {
  if (image.visibility == ImageVisibility::kShared) return {};
  return refused(403, "Only shared images have members.");
}

Task<Answered> list(Call& call) {
  auto image = co_await find_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  if (Checked shared = check_shared(*image); !shared) co_return std::unexpected(std::move(shared.error()));
  Json members = Json::array();
  for (const MetadataItem& one : image->members)
    if (may_see(call, *image, one.key)) members.push_back(member_view(*image, one));
  co_return Answer{200, {{"members", std::move(members)}, {"schema", "/v2/schemas/members"}}};
}

Task<Answered> show(Call& call) {
  auto image = co_await find_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  const MetadataItem* one = member_of(*image, call.in_path("member"));
  if (one == nullptr || !may_see(call, *image, one->key)) co_return no_member(*image, call.in_path("member"));
  co_return Answer{200, member_view(*image, *one)};
}

Task<Answered> store(Call& call, Image image, MetadataItem item) {
  set_member(image, item, call.loop.wall_now());
  auto stored = co_await put_image(call, std::move(image));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, member_view(*stored, item)};
}

Task<Answered> add(Call& call) {
  auto image = co_await find_own_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  if (Checked shared = check_shared(*image); !shared) co_return std::unexpected(std::move(shared.error()));
  std::string project = text_at(call.body, "member");
  if (project.empty() || project.size() > 255)
    co_return refused(400, "Request body must have a 'member': a project's id of 1 to 255 characters");
  if (member_of(*image, project) != nullptr)
    co_return refused(
        409, fmt::format("The target member {} is already associated with image {}.", project, to_string(image->id)));
  if (image->members.size() >= kMaxImageMembers)
    co_return refused(413, fmt::format("The limit has been exceeded on the number of allowed image members for this "
                                       "image. Attempted: {}, Maximum: {}",
                                       image->members.size() + 1, kMaxImageMembers));
  co_return co_await store(call, std::move(*image), {std::move(project), "pending"});
}

Task<Answered> update(Call& call) {
  auto image = co_await find_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  const MetadataItem* one = member_of(*image, call.in_path("member"));
  if (one == nullptr || !may_see(call, *image, one->key)) co_return no_member(*image, call.in_path("member"));
  std::string status = text_at(call.body, "status");
  if (status != "pending" && status != "accepted" && status != "rejected")
    co_return breaks_schema("member",
                            fmt::format("status must be one of pending, accepted, rejected, and is '{}'", status));
  if (one->key != to_hex(call.caller.project_id) && !call.is_admin())
    co_return refused(403, "You are not permitted to modify the status of this image member: only the member may.");
  co_return co_await store(call, *image, {one->key, std::move(status)});
}

Task<Answered> remove(Call& call) {
  auto image = co_await find_own_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  if (Checked shared = check_shared(*image); !shared) co_return std::unexpected(std::move(shared.error()));
  if (!erase_item(image->members, call.in_path("member"))) co_return no_member(*image, call.in_path("member"));
  Json details = details_of(*image);
  if (details.contains("members")) details["members"].erase(call.in_path("member"));
  set_details(*image, details);
  auto stored = co_await put_image(call, std::move(*image));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{204, nullptr};
}

constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kMember = UserRole::kMember;

constexpr Route kRoutes[] = {
    {Service::kImage, "GET", "/v2/images/{image}/members", kReader, "get_members", &list},
    {Service::kImage, "POST", "/v2/images/{image}/members", kMember, "add_member", &add},
    {Service::kImage, "GET", "/v2/images/{image}/members/{member}", kReader, "get_member", &show},
    {Service::kImage, "PUT", "/v2/images/{image}/members/{member}", kMember, "modify_member", &update},
    {Service::kImage, "DELETE", "/v2/images/{image}/members/{member}", kMember, "delete_member", &remove},
};

}  // namespace

std::span<const Route> image_member_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
