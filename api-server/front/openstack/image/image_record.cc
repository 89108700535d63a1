#include "api-server/front/openstack/image/image_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/image/image_form.h"
#include "api-server/front/openstack/times.h"
#include "api-server/images/image_files.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kBase[] = {"name",          "disk_format", "container_format", "visibility",   "size",
                                      "virtual_size",  "status",      "checksum",         "protected",    "min_ram",
                                      "min_disk",      "owner",       "os_hidden",        "os_hash_algo", "id",
                                      "os_hash_value", "created_at",  "updated_at",       "tags",         "self",
                                      "file",          "schema",      "locations",        "direct_url"};
constexpr std::string_view kReadOnly[] = {"created_at", "updated_at",   "status",        "checksum",
                                          "size",       "virtual_size", "direct_url",    "self",
                                          "file",       "os_hash_algo", "os_hash_value", "schema"};
constexpr std::string_view kReserved[] = {"location", "deleted", "deleted_at"};

bool holds_bytes(std::string_view status) { return status != "queued" && status != "saving"; }

Json value_or(const Json& object, std::string_view key, Json otherwise) {
  const Json* value = member(object, key);
  return value == nullptr ? std::move(otherwise) : *value;
}

}  // namespace

bool is_base_attribute(std::string_view key) { return std::ranges::find(kBase, key) != std::end(kBase); }

Json details_of(const Image& image) {
  std::optional<Json> details = parse_json(image.details);
  return details && details->is_object() ? std::move(*details) : Json::object();
}

void set_details(Image& image, const Json& details) { image.details = to_text(details); }

Json image_view(const Image& image) {
  std::string path = "/v2/images/" + to_string(image.id);
  Json details = details_of(image);
  Json view = Json::object();
  for (const MetadataItem& item : image.properties)
    if (!is_base_attribute(item.key)) view[item.key] = item.value;
  bool is_glances = !image.details.empty();
  view["name"] = or_null(image.name);
  view["disk_format"] = or_null(image.disk_format);
  view["container_format"] = value_or(details, "container_format", is_glances ? Json(nullptr) : Json("bare"));
  view["visibility"] = to_string(image.visibility);
  view["size"] = holds_bytes(image.status) ? Json(image.size_bytes) : Json(nullptr);
  view["virtual_size"] = value_or(details, "virtual_size", nullptr);
  view["status"] = image.status;
  view["checksum"] = value_or(details, "checksum", nullptr);
  view["protected"] = image.is_protected;
  view["min_ram"] = image.min_ram_mb;
  view["min_disk"] = image.min_disk_gb;
  view["owner"] = image.owner == Uuid{} ? Json(nullptr) : Json(to_hex(image.owner));
  view["os_hidden"] = value_or(details, "os_hidden", false);
  view["os_hash_algo"] = member(details, "os_hash_value") == nullptr ? Json(nullptr) : Json("sha512");
  view["os_hash_value"] = value_or(details, "os_hash_value", nullptr);
  view["id"] = to_string(image.id);
  view["created_at"] = time_to_seconds(image.created_at);
  view["updated_at"] = time_to_seconds(image.updated_at.us == 0 ? image.created_at : image.updated_at);
  view["tags"] = value_or(details, "tags", Json::array());
  view["self"] = path;
  view["file"] = path + "/file";
  view["schema"] = "/v2/schemas/image";
  return view;
}

std::unexpected<Refusal> no_image(std::string_view id) {
  return refused(404, fmt::format("No image found with ID {}", id));
}

Task<std::expected<Image, Refusal>> find_image(Call& call) {
  std::string asked = call.in_path("image");
  std::optional<Uuid> id = parse_uuid(asked);
  if (!id) co_return no_image(asked);
  auto found = co_await ask_one(call, ListImages{.image = to_string(*id)}, &ImageList::images, &Image::id, *id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return no_image(asked);
  co_return std::move(**found);
}

Task<std::expected<Image, Refusal>> find_own_image(Call& call) {
  auto image = co_await find_image(call);
  if (image && image->owner != call.caller.project_id && !call.is_admin())
    co_return refused(403, fmt::format("You are not permitted to modify image {}: it belongs to another project.",
                                       to_string(image->id)));
  co_return image;
}

Task<std::expected<Image, Refusal>> put_image(Call& call, Image image) {
  bool is_new = image.revision == 0;
  std::string id = to_string(image.id);
  Expected<ImageList> stored = co_await call.core.ask_own(call.meta, PutImage{std::move(image)});
  if (!stored && stored.error().code == ErrorCode::kAlreadyExists)
    co_return refused(409, fmt::format("Image ID {} already exists!", id));
  if (!stored && stored.error().code == ErrorCode::kNotFound) co_return no_image(id);
  if (!stored && stored.error().code == ErrorCode::kQuotaExceeded) co_return refused(413, stored.error().message);
  if (!stored) co_return std::unexpected(refusal_of(stored.error()));
  if (stored->images.empty()) co_return refused(500, is_new ? "the new image was not told" : "the image was not told");
  co_return std::move(stored->images.front());
}

Task<Checked> delete_image(Call& call, Uuid image) {
  auto removed = co_await ask(call, DeleteImage{to_string(image)});
  if (!removed && removed.error().status == 404) co_return no_image(to_string(image));
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  if (call.image_files != nullptr) co_await call.image_files->remove(image);
  co_return Checked();
}

Checked check_writable(std::string_view key) {
  if (std::ranges::find(kReadOnly, key) != std::end(kReadOnly))
    return refused(403, fmt::format("Attribute '{}' is read-only.", key));
  if (std::ranges::find(kReserved, key) != std::end(kReserved) || key.starts_with("os_glance_"))
    return refused(403, fmt::format("Attribute '{}' is reserved.", key));
  return {};
}

Checked remove_image_attribute(Image& image, const std::string& key) {
  if (Checked writable = check_writable(key); !writable) return writable;
  if (is_base_attribute(key)) return refused(403, fmt::format("Property {} may not be removed.", key));
  if (!erase_item(image.properties, key)) return refused(409, fmt::format("Property {} does not exist.", key));
  return {};
}

}  // namespace kilonova::api::openstack
