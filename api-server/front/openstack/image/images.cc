// Glance: images. They are descriptions here: an image has a size and no bytes, so that there is nothing to upload or
// download, and no checksum.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "api-server/front/openstack/image/routes.h"
#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/sort_stably.h"
#include "api-server/front/openstack/times.h"
#include "domain/nouns/image.h"

namespace kilonova::api::openstack {
namespace {

constexpr uint32_t kDefaultLimit = 25;  // Glance's limit_param_default

Json image_view(const Image& image) {
  std::string path = "/v2/images/" + to_string(image.id);
  Json view{{"name", image.name},
            {"disk_format", image.disk_format},
            {"container_format", "bare"},
            {"visibility", image.is_public ? "public" : "private"},
            {"size", image.size_bytes},
            {"virtual_size", nullptr},
            {"status", image.status},
            {"checksum", nullptr},
            {"protected", false},
            {"min_ram", image.min_ram_mb},
            {"min_disk", image.min_disk_gb},
            {"owner", to_hex(image.owner)},
            {"os_hidden", false},
            {"os_hash_algo", nullptr},
            {"os_hash_value", nullptr},
            {"id", to_string(image.id)},
            {"created_at", time_to_seconds(image.created_at)},
            {"updated_at", time_to_seconds(image.created_at)},
            {"tags", Json::array()},
            {"self", path},
            {"file", path + "/file"},
            {"schema", "/v2/schemas/image"}};
  // What Glance calls additional properties stands beside its own, which they do not hide.
  for (const MetadataItem& item : image.properties)
    if (member(view, item.key) == nullptr) view[item.key] = item.value;
  return view;
}

std::unexpected<Refusal> no_image(std::string_view id) {
  return refused(404, fmt::format("No image found with ID {}", id));
}

Task<std::expected<Image, Refusal>> find(Call& call) {
  std::string asked = call.in_path("image");
  std::optional<Uuid> id = parse_uuid(asked);
  if (!id) co_return no_image(asked);
  auto found = co_await ask_one(call, ListImages{.image = to_string(*id)}, &ImageList::images, &Image::id, *id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return no_image(asked);
  co_return std::move(**found);
}

bool is_one_of(const std::string& value, const std::string& wanted) {
  if (!wanted.starts_with("in:")) return value == wanted;
  std::string_view left = std::string_view(wanted).substr(3);
  while (!left.empty()) {
    std::string_view one = left.substr(0, left.find(','));
    left.remove_prefix(std::min(one.size() + 1, left.size()));
    if (one.size() >= 2 && one.front() == '"' && one.back() == '"') one = one.substr(1, one.size() - 2);
    if (one == value) return true;
  }
  return false;
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>();
  return value.is_null() ? std::string() : to_text(value);
}

// A key that is none of these is one of the list's own, or a property, which snapshots have.
constexpr std::string_view kFilters[] = {"owner",    "name",       "status",    "container_format", "disk_format",
                                         "id",       "checksum",   "size",      "os_hash_value",    "min_ram",
                                         "min_disk", "visibility", "protected", "os_hidden"};
constexpr std::string_view kOfLists[] = {"limit",    "marker",   "sort_key", "sort_dir",   "sort",      "member_status",
                                         "size_min", "size_max", "tag",      "created_at", "updated_at"};

std::expected<bool, Refusal> passes(const Call& call, const Json& image) {
  for (const auto& [key, wanted] : call.target.query) {
    if (std::ranges::find(kOfLists, key) != std::end(kOfLists)) {
      if (key == "tag") return false;
      if (key != "size_min" && key != "size_max") continue;
      std::optional<int64_t> bound = whole_number(wanted);
      if (!bound) return refused(400, fmt::format("Cannot convert image {} '{}' to an integer.", key, wanted));
      int64_t size = integer_at(image, "size", 0);
      if (key == "size_min" ? size < *bound : size > *bound) return false;
      continue;
    }
    if (std::ranges::find(kFilters, key) == std::end(kFilters) && member(image, key) == nullptr) return false;
    if (key == "visibility" && wanted == "all") continue;
    if (!is_one_of(text_of(*member(image, key)), wanted)) return false;
  }
  return true;
}

std::optional<Refusal> check_query(const Call& call) {
  if (const std::string* visibility = call.in_query("visibility"))
    for (std::string_view known : {"public", "private", "shared", "community", "all"})
      if (*visibility == known) return std::nullopt;
  if (const std::string* visibility = call.in_query("visibility"))
    return Refusal{400, fmt::format("Invalid visibility value: {}", *visibility)};
  if (call.in_query("changes-since") != nullptr)
    return Refusal{400, "\"changes-since\" filter is no longer available on v2."};
  return std::nullopt;
}

struct SortKey {
  std::string key;
  bool ascending = false;
};

// `sort=name:asc,size`, or sort_key and sort_dir. Newest first without either.
std::expected<std::vector<SortKey>, Refusal> read_sort(const Call& call) {
  constexpr std::string_view kKeys[] = {"name", "status", "container_format", "disk_format",
                                        "size", "id",     "created_at",       "updated_at"};
  std::vector<SortKey> sort;
  std::vector<std::string> keys = call.all_in_query("sort_key");
  std::vector<std::string> directions = call.all_in_query("sort_dir");
  const std::string* combined = call.in_query("sort");
  if (combined != nullptr && !(keys.empty() && directions.empty()))
    return refused(400, "Old and new sorting syntax cannot be combined");
  std::string_view left = combined == nullptr ? std::string_view() : *combined;
  while (!left.empty()) {
    std::string_view one = left.substr(0, left.find(','));
    left.remove_prefix(std::min(one.size() + 1, left.size()));
    keys.emplace_back(one.substr(0, one.find(':')));
    directions.emplace_back(keys.back().size() == one.size() ? "desc" : one.substr(keys.back().size() + 1));
  }
  if (directions.size() > 1 && directions.size() != keys.size())
    return refused(400, "Number of sort dirs does not match the number of sort keys");
  if (keys.empty() && !directions.empty()) keys.emplace_back("created_at");
  for (size_t i = 0; i < keys.size(); ++i) {
    if (std::ranges::find(kKeys, keys[i]) == std::end(kKeys))
      return refused(400, fmt::format("Invalid sort key: {}", keys[i]));
    std::string direction = directions.empty() ? "desc" : directions.size() == 1 ? directions[0] : directions[i];
    if (direction != "asc" && direction != "desc")
      return refused(400, fmt::format("Invalid sort direction: {}", direction));
    sort.push_back({keys[i], direction == "asc"});
  }
  if (sort.empty()) sort = {{"created_at", false}};
  sort.push_back({"id", false});
  return sort;
}

void sort_images(std::vector<Json>& images, const std::vector<SortKey>& sort) {
  for (auto key = sort.rbegin(); key != sort.rend(); ++key)
    sort_stably(images, [&](const Json& a, const Json& b) {
      const Json& x = *member(a, key->key);
      const Json& y = *member(b, key->key);
      return key->ascending ? x < y : y < x;
    });
}

std::expected<Page, Refusal> read_image_page(const Call& call) {
  Page page{.limit = kDefaultLimit, .marker = {}};
  if (const std::string* marker = call.in_query("marker")) page.marker = *marker;
  const std::string* limit = call.in_query("limit");
  if (limit == nullptr) return page;
  std::optional<int64_t> number = whole_number(*limit);
  if (!number) return refused(400, "limit param must be an integer");
  page.limit = static_cast<uint32_t>(std::min<int64_t>(*number, kMaxLimit));
  return page;
}

std::string list_path(const Call& call, const std::string* marker) {
  std::string query;
  for (const auto& [key, value] : call.target.query)
    if (key != "marker")
      query +=
          fmt::format("{}{}={}", query.empty() ? "?" : "&", http::percent_encode(key), http::percent_encode(value));
  if (marker != nullptr) query += fmt::format("{}marker={}", query.empty() ? "?" : "&", *marker);
  return "/v2/images" + query;
}

Task<Answered> list(Call& call) {
  auto page = read_image_page(call);
  if (!page) co_return std::unexpected(std::move(page.error()));
  if (auto wrong = check_query(call)) co_return std::unexpected(std::move(*wrong));
  auto sort = read_sort(call);
  if (!sort) co_return std::unexpected(std::move(sort.error()));
  auto rows = co_await ask_all(call, ListImages{}, &ImageList::images, [](const Image& i) { return to_string(i.id); });
  if (!rows) co_return std::unexpected(std::move(rows.error()));
  std::vector<Json> images;
  for (const Image& row : *rows) {
    Json image = image_view(row);
    auto fits = passes(call, image);
    if (!fits) co_return std::unexpected(std::move(fits.error()));
    if (*fits) images.push_back(std::move(image));
  }
  sort_images(images, *sort);
  auto cut = cut_page(call, *page, images, [](const Json& image) { return text_at(image, "id"); });
  if (!cut) co_return no_image(page->marker);
  Json body{{"images", cut->rows}, {"first", list_path(call, nullptr)}};
  if (!cut->next.is_null()) {
    std::string last = text_at(cut->rows.back(), "id");
    body["next"] = list_path(call, &last);
  }
  body["schema"] = "/v2/schemas/images";
  co_return Answer{200, std::move(body)};
}

Task<Answered> show(Call& call) {
  auto image = co_await find(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  co_return Answer{200, image_view(*image)};
}

Task<Answered> remove(Call& call) {
  auto image = co_await find(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  auto removed = co_await ask(call, DeleteImage{to_string(image->id)});
  if (!removed && removed.error().status == 404) co_return no_image(to_string(image->id));
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  co_return Answer{204, nullptr};
}

// What is asked of bytes: there are none.
Task<Answered> no_bytes(Call& call) {
  auto image = co_await find(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  co_return refused(501, "Images have no bytes in this cloud yet: nothing can be uploaded or downloaded.");
}

constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kMember = UserRole::kMember;

constexpr Route kRoutes[] = {
    {Service::kImage, "GET", "/v2/images", kReader, "get_images", &list},
    {Service::kImage, "GET", "/v2/images/{image}", kReader, "get_image", &show},
    {Service::kImage, "DELETE", "/v2/images/{image}", kMember, "delete_image", &remove},
    {Service::kImage, "GET", "/v2/images/{image}/file", kReader, "download_image", &no_bytes},
    {Service::kImage, "PUT", "/v2/images/{image}/file", kMember, "upload_image", &no_bytes},
};

}  // namespace

std::span<const Route> image_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
