// Nova's proxies of images, to 2.35, and of their metadata, to 2.38: Glance's, in the words of a Nova that had images.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/image/image_record.h"
#include "api-server/front/openstack/metadata_json.h"
#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/times.h"
#include "api-server/front/openstack/view.h"
#include "base/ascii.h"
#include "domain/nouns/quota.h"

namespace kilonova::api::openstack {
namespace {

constexpr Minor kLast = 35;
constexpr Minor kLastOfMetadata = 38;

std::string_view status_of(const Image& image) {
  if (image.status == "active") return "ACTIVE";
  return image.status == "queued" || image.status == "saving" ? "SAVING" : "UNKNOWN";
}

int progress_of(const Image& image) {
  if (image.status == "active") return 100;
  return image.status == "saving" ? 50 : image.status == "queued" ? 25 : 0;
}

// The server that a snapshot was made of: ours says it, and so may a client's.
std::string server_of_image(const Image& image) {
  if (image.server != Uuid{}) return to_string(image.server);
  auto item = std::ranges::find(image.properties, "instance_uuid", &MetadataItem::key);
  return item == image.properties.end() ? std::string() : item->value;
}

Json links_of_image(const Image& image, const Call& call) {
  std::string path = "/images/" + to_string(image.id);
  Json links = links_of(call, path);
  links.push_back(
      {{"rel", "alternate"}, {"type", "application/vnd.openstack.image"}, {"href", call.base + "/image" + path}});
  return links;
}

Json brief_view(const Image& image, const Call& call) {
  return {{"id", to_string(image.id)}, {"name", or_null(image.name)}, {"links", links_of_image(image, call)}};
}

Json whole_view(const Image& image, const Call& call) {
  Json view{{"id", to_string(image.id)},
            {"name", or_null(image.name)},
            {"minRam", image.min_ram_mb},
            {"minDisk", image.min_disk_gb},
            {"metadata", metadata_json(image.properties)},
            {"created", time_to_seconds(image.created_at)},
            {"updated", time_to_seconds(image.updated_at.us == 0 ? image.created_at : image.updated_at)},
            {"status", status_of(image)},
            {"progress", progress_of(image)},
            {"OS-EXT-IMG-SIZE:size", image.size_bytes},
            {"links", links_of_image(image, call)}};
  auto disk = std::ranges::find(image.properties, "auto_disk_config", &MetadataItem::key);
  if (disk != image.properties.end()) view["OS-DCF:diskConfig"] = to_lower(disk->value) == "true" ? "AUTO" : "MANUAL";
  if (std::string server = server_of_image(image); !server.empty())
    view["server"] = {{"id", server}, {"links", links_of(call, "/servers/" + server)}};
  return view;
}

std::unexpected<Refusal> not_found() { return refused(404, "Image not found."); }

Task<std::expected<Image, Refusal>> find(Call& call) {
  auto image = co_await find_image(call);
  if (!image && image.error().status == 404) co_return not_found();
  co_return image;
}

Task<std::expected<Image, Refusal>> find_changeable(Call& call) {
  auto image = co_await find_own_image(call);
  if (!image && image.error().status == 404) co_return not_found();
  if (!image && image.error().status == 403)
    co_return refused(403, fmt::format("Not authorized for image {}.", call.in_path("image")));
  co_return image;
}

// nova/api/openstack/compute/images.py _get_filters: some of Glance's under other names.
std::expected<bool, Refusal> passes(const Call& call, const Image& image) {
  for (const auto& [key, wanted] : call.target.query) {
    bool fits = true;
    if (key == "name") fits = image.name == wanted;
    if (key == "status") fits = status_of(image) == to_upper(wanted);
    if (key == "minRam") fits = whole_number(wanted) == image.min_ram_mb;
    if (key == "minDisk") fits = whole_number(wanted) == image.min_disk_gb;
    if (key == "server") fits = server_of_image(image) == wanted.substr(wanted.rfind('/') + 1);
    if (key == "changes-since") {
      std::optional<WallTime> since = parse_time(wanted);
      if (!since) return refused(400, "Invalid changes-since value");
      fits = std::max(image.updated_at, image.created_at) >= *since;
    }
    std::string property = key == "type" ? "image_type" : key.starts_with("property-") ? key.substr(9) : "";
    if (!property.empty()) {
      auto item = std::ranges::find(image.properties, property, &MetadataItem::key);
      std::string value = key == "type" ? "base" : "";
      if (item != image.properties.end()) value = item->value;
      fits = value == wanted;
    }
    if (!fits) return false;
  }
  return true;
}

Task<Answered> list_with(Call& call, Json (*shown)(const Image&, const Call&)) {
  auto page = read_page(call);
  if (!page) co_return std::unexpected(std::move(page.error()));
  auto rows =
      co_await ask_all(call, ListImages{}, &ImageList::images, [](const Image& image) { return to_string(image.id); });
  if (!rows) co_return std::unexpected(std::move(rows.error()));
  std::vector<Image> images;
  for (Image& image : *rows) {
    auto fits = passes(call, image);
    if (!fits) co_return std::unexpected(std::move(fits.error()));
    if (*fits) images.push_back(std::move(image));
  }
  std::ranges::sort(images, [](const Image& a, const Image& b) {
    return std::tie(b.created_at, b.id) < std::tie(a.created_at, a.id);
  });
  auto cut = cut_page(call, *page, images, [](const Image& image) { return to_string(image.id); });
  if (!cut) co_return std::unexpected(std::move(cut.error()));
  Json items = Json::array();
  for (const Image& image : cut->rows) items.push_back(shown(image, call));
  co_return page_answer("images", std::move(items), std::move(cut->next));
}

Task<Answered> list(Call& call) { return list_with(call, &brief_view); }
Task<Answered> list_detail(Call& call) { return list_with(call, &whole_view); }

Task<Answered> show(Call& call) {
  auto image = co_await find(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  co_return Answer{200, {{"image", whole_view(*image, call)}}};
}

Task<Answered> remove(Call& call) {
  auto image = co_await find_changeable(call);
  if (!image && image.error().status == 403) co_return refused(403, "You are not allowed to delete the image.");
  if (!image) co_return std::unexpected(std::move(image.error()));
  Checked removed = co_await delete_image(call, image->id);
  if (!removed && removed.error().status == 404) co_return not_found();
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  co_return Answer{204, nullptr};
}

// ---- metadata

const Rule& metadata_rule() {
  static const Rule rule = body_of("metadata", metadata_map());
  return rule;
}
const Rule& meta_rule() {
  static const Rule rule = body_of("meta", metadata_map());
  return rule;
}

Task<std::expected<Image, Refusal>> store(Call& call, Image image) {
  auto quota = co_await ask(call, GetQuota{});
  if (!quota) co_return std::unexpected(std::move(quota.error()));
  const int64_t limit = quota->quota.metadata_items;
  if (limit >= 0 && image.properties.size() > static_cast<size_t>(limit))
    co_return refused(403, "Image metadata limit exceeded");
  co_return co_await put_image(call, std::move(image));
}

Task<Answered> show_metadata(Call& call) {
  auto image = co_await find(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  co_return Answer{200, {{"metadata", metadata_json(image->properties)}}};
}

Task<Answered> change_metadata(Call& call, bool replaces) {
  if (auto wrong = check_schema(metadata_rule(), call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto image = co_await find_changeable(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  if (replaces) image->properties.clear();
  for (const MetadataItem& item : metadata_items(*member(call.body, "metadata"))) put_item(image->properties, item);
  auto stored = co_await store(call, std::move(*image));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, {{"metadata", metadata_json(stored->properties)}}};
}

Task<Answered> add_metadata(Call& call) { return change_metadata(call, false); }
Task<Answered> replace_metadata(Call& call) { return change_metadata(call, true); }

Task<Answered> show_meta(Call& call) {
  auto image = co_await find(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  auto item = std::ranges::find(image->properties, call.in_path("key"), &MetadataItem::key);
  if (item == image->properties.end()) co_return refused(404, "Metadata item was not found");
  co_return Answer{200, {{"meta", object_of(item->key, item->value)}}};
}

Task<Answered> put_meta(Call& call) {
  if (auto wrong = check_schema(meta_rule(), call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  std::vector<MetadataItem> items = metadata_items(*member(call.body, "meta"));
  if (items.size() != 1) co_return refused(400, "Request body contains too many items");
  if (items.front().key != call.in_path("key")) co_return refused(400, "Request body and URI mismatch");
  auto image = co_await find_changeable(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  put_item(image->properties, items.front());
  auto stored = co_await store(call, std::move(*image));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, {{"meta", object_of(items.front().key, items.front().value)}}};
}

Task<Answered> remove_meta(Call& call) {
  auto image = co_await find_changeable(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  if (!erase_item(image->properties, call.in_path("key"))) co_return refused(404, "Invalid metadata key");
  auto stored = co_await store(call, std::move(*image));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNova = Service::kCompute;
constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kMember = UserRole::kMember;
constexpr std::string_view kMetadata = "/v2.1/images/{image}/metadata";
constexpr std::string_view kMeta = "/v2.1/images/{image}/metadata/{key}";

constexpr Route kRoutes[] = {
    {kNova, "GET", "/v2.1/images", kReader, "get_images", &list, 1, kLast},
    {kNova, "GET", "/v2.1/images/detail", kReader, "get_images", &list_detail, 1, kLast},
    {kNova, "GET", "/v2.1/images/{image}", kReader, "get_image", &show, 1, kLast},
    {kNova, "DELETE", "/v2.1/images/{image}", kMember, "delete_image", &remove, 1, kLast},
    {kNova, "GET", kMetadata, kReader, "get_image", &show_metadata, 1, kLastOfMetadata},
    {kNova, "POST", kMetadata, kMember, "modify_image", &add_metadata, 1, kLastOfMetadata},
    {kNova, "PUT", kMetadata, kMember, "modify_image", &replace_metadata, 1, kLastOfMetadata},
    {kNova, "GET", kMeta, kReader, "get_image", &show_meta, 1, kLastOfMetadata},
    {kNova, "PUT", kMeta, kMember, "modify_image", &put_meta, 1, kLastOfMetadata},
    {kNova, "DELETE", kMeta, kMember, "modify_image", &remove_meta, 1, kLastOfMetadata},
};

}  // namespace

std::span<const Route> image_proxy_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
