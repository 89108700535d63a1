// Glance: one image: made, shown, changed by JSON patch, deleted; its tags.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "api-server/front/openstack/image/image_form.h"
#include "api-server/front/openstack/image/image_record.h"
#include "api-server/front/openstack/image/routes.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kPatch = "application/openstack-images-v2.1-json-patch";
constexpr std::string_view kOldPatch = "application/openstack-images-v2.0-json-patch";

// ---- create

std::expected<Image, Refusal> new_image(Call& call) {
  if (!call.body.is_object()) return breaks_schema("image", python_repr(call.body) + " is not of type 'object'");
  Image image{.owner = call.caller.project_id, .visibility = ImageVisibility::kShared};
  image.disk_format.clear();
  image.status = "queued";
  image.revision = 0;
  set_details(image, Json::object());
  // The owner first: what else is said is judged by whose the image is.
  if (const Json* owner = member(call.body, "owner"))
    if (Checked set = set_image_attribute(call, image, "owner", *owner, true); !set)
      return std::unexpected(std::move(set.error()));
  for (const auto& [key, value] : call.body.items()) {
    if (key == "id" || key == "owner") continue;
    if (Checked set = set_image_attribute(call, image, key, value, true); !set)
      return std::unexpected(std::move(set.error()));
  }
  const Json* id = member(call.body, "id");
  std::optional<Uuid> wanted = id == nullptr ? call.core.new_uuid()
                               : id->is_string() && id->get_ref<const std::string&>().size() == 36
                                   ? parse_uuid(id->get_ref<const std::string&>())
                                   : std::nullopt;
  if (!wanted) return breaks_schema("image", python_repr(*id) + " is no uuid");
  image.id = *wanted;
  return image;
}

Task<Answered> create(Call& call) {
  auto image = new_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  auto stored = co_await put_image(call, std::move(*image));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  Answer answer{201, image_view(*stored)};
  answer.headers = {{"Location", call.base + "/image/v2/images/" + to_string(stored->id)},
                    {"OpenStack-image-import-methods", "glance-direct"}};
  co_return answer;
}

Task<Answered> show(Call& call) {
  auto image = co_await find_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  co_return Answer{200, image_view(*image)};
}

// ---- change

struct Change {
  std::string op;
  std::string key;
  Json value;
};

std::unexpected<Refusal> bad_pointer(std::string_view pointer) {
  return refused(400, fmt::format("Invalid JSON pointer for this resource: '{}'", pointer));
}

// RFC 6901, of one level. Locations have a second one, and cannot be changed.
std::expected<std::string, Refusal> key_of(const std::string& pointer) {
  if (!pointer.starts_with('/')) return bad_pointer(pointer);
  std::string key;
  for (size_t i = 1; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      if (key == "locations") return key;
      return bad_pointer(pointer);
    }
    if (pointer[i] != '~') {
      key += pointer[i];
      continue;
    }
    char next = i + 1 < pointer.size() ? pointer[++i] : ' ';
    if (next != '0' && next != '1') return bad_pointer(pointer);
    key += next == '0' ? '~' : '/';
  }
  if (key.empty()) return bad_pointer(pointer);
  return key;
}

// Of both forms: {"op": "add", "path": "/x", "value": 1}, and {"add": "/x", "value": 1} of version 2.0.
std::expected<Change, Refusal> read_change(const Json& item, bool is_old) {
  if (!item.is_object()) return refused(400, "Operations must be JSON objects.");
  Change change;
  std::string path;
  if (is_old) {
    for (const char* op : {"add", "replace", "remove"}) {
      if (member(item, op) == nullptr) continue;
      if (!change.op.empty()) return refused(400, "Operation objects must contain only one member.");
      change.op = op;
      path = text_at(item, op);
    }
  } else {
    change.op = text_at(item, "op");
    path = text_at(item, "path");
  }
  if (change.op != "add" && change.op != "replace" && change.op != "remove")
    return refused(400, "Operations must be one of 'add', 'replace', 'remove'.");
  auto key = key_of(path);
  if (!key) return std::unexpected(std::move(key.error()));
  change.key = std::move(*key);
  const Json* value = member(item, "value");
  if (change.op != "remove" && value == nullptr)
    return refused(400, fmt::format("Operation \"{}\" requires a member named \"value\".", change.op));
  if (value != nullptr) change.value = *value;
  return change;
}

std::expected<std::vector<Change>, Refusal> read_changes(const Call& call) {
  std::string_view type = call.request.header("Content-Type");
  type = type.substr(0, type.find(';'));
  if (type != kPatch && type != kOldPatch) {
    Refusal wrong{415, "Accept-Patch: application/openstack-images-v2.1-json-patch"};
    wrong.headers.emplace_back("Accept-Patch", fmt::format("{}, {}", kOldPatch, kPatch));
    return std::unexpected(std::move(wrong));
  }
  if (!call.body.is_array()) return refused(400, "Request body must be a JSON array of operation objects.");
  std::vector<Change> changes;
  for (const Json& item : call.body) {
    auto change = read_change(item, type == kOldPatch);
    if (!change) return std::unexpected(std::move(change.error()));
    if (Checked writable = check_writable(change->key); !writable) return std::unexpected(std::move(writable.error()));
    changes.push_back(std::move(*change));
  }
  return changes;
}

Checked apply(const Call& call, Image& image, const Change& change) {
  if (change.op == "remove") return remove_image_attribute(image, change.key);
  bool is_there = is_base_attribute(change.key) ||
                  std::ranges::find(image.properties, change.key, &MetadataItem::key) != image.properties.end();
  if (change.op == "replace" && !is_there) return refused(409, fmt::format("Property {} does not exist.", change.key));
  return set_image_attribute(call, image, change.key, change.value, false);
}

Task<Answered> change(Call& call) {
  auto changes = read_changes(call);
  if (!changes) co_return std::unexpected(std::move(changes.error()));
  auto image = co_await find_own_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  if (changes->empty()) co_return Answer{200, image_view(*image)};
  for (const Change& one : *changes)
    if (Checked done = apply(call, *image, one); !done) co_return std::unexpected(std::move(done.error()));
  auto stored = co_await put_image(call, std::move(*image));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, image_view(*stored)};
}

// ---- delete

Task<Answered> remove(Call& call) {
  auto image = co_await find_own_image(call);
  if (!image && image.error().status == 404)
    co_return refused(404, fmt::format("Failed to find image {} to delete", call.in_path("image")));
  if (!image) co_return std::unexpected(std::move(image.error()));
  if (image->is_protected)
    co_return refused(403, fmt::format("Image {} is protected and cannot be deleted.", to_string(image->id)));
  if (Checked removed = co_await delete_image(call, image->id); !removed)
    co_return std::unexpected(std::move(removed.error()));
  co_return Answer{204, nullptr};
}

// ---- tags

Task<Answered> put_tags(Call& call, Image image, Json tags) {
  if (Checked set = set_image_attribute(call, image, "tags", tags, false); !set)
    co_return std::unexpected(std::move(set.error()));
  auto stored = co_await put_image(call, std::move(image));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{204, nullptr};
}

Task<Answered> add_tag(Call& call) {
  auto image = co_await find_own_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  Json tags = image_view(*image)["tags"];
  if (std::ranges::find(tags, Json(call.in_path("tag"))) != tags.end()) co_return Answer{204, nullptr};
  tags.push_back(call.in_path("tag"));
  co_return co_await put_tags(call, std::move(*image), std::move(tags));
}

Task<Answered> remove_tag(Call& call) {
  auto image = co_await find_own_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  Json tags = image_view(*image)["tags"];
  auto tag = std::ranges::find(tags, Json(call.in_path("tag")));
  if (tag == tags.end())
    co_return refused(404,
                      fmt::format("Failed to find tag {} for image {}", call.in_path("tag"), to_string(image->id)));
  tags.erase(tag);
  co_return co_await put_tags(call, std::move(*image), std::move(tags));
}

constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kMember = UserRole::kMember;

constexpr Route kRoutes[] = {
    {Service::kImage, "POST", "/v2/images", kMember, "add_image", &create},
    {Service::kImage, "GET", "/v2/images/{image}", kReader, "get_image", &show},
    {Service::kImage, "PATCH", "/v2/images/{image}", kMember, "modify_image", &change},
    {Service::kImage, "DELETE", "/v2/images/{image}", kMember, "delete_image", &remove},
    {Service::kImage, "PUT", "/v2/images/{image}/tags/{tag}", kMember, "modify_image", &add_tag},
    {Service::kImage, "DELETE", "/v2/images/{image}/tags/{tag}", kMember, "modify_image", &remove_tag},
};

}  // namespace

std::span<const Route> image_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
