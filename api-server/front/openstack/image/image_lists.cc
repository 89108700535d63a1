// Glance: lists of images: who sees which, filters, order, pages (glance/api/v2/images.py).
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "api-server/front/openstack/image/image_record.h"
#include "api-server/front/openstack/image/routes.h"
#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/sort_stably.h"
#include "base/ascii.h"
#include "domain/nouns/image.h"

namespace kilonova::api::openstack {
namespace {

constexpr uint32_t kDefaultLimit = 25;  // Glance's limit_param_default

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

// A key that is none of these is an additional property.
constexpr std::string_view kFilters[] = {"owner",    "name",       "status",    "container_format", "disk_format",
                                         "id",       "checksum",   "size",      "os_hash_value",    "min_ram",
                                         "min_disk", "visibility", "protected", "os_hidden"};
constexpr std::string_view kOfLists[] = {"limit",    "marker",   "sort_key", "sort_dir",   "sort",      "member_status",
                                         "size_min", "size_max", "tag",      "created_at", "updated_at"};
constexpr std::string_view kComparisons[] = {"gt", "gte", "lt", "lte", "eq", "neq"};

bool compares(std::string_view comparison, std::string_view a, std::string_view b) {
  if (comparison == "gt") return a > b;
  if (comparison == "gte") return a >= b;
  if (comparison == "lt") return a < b;
  if (comparison == "lte") return a <= b;
  return comparison == "neq" ? a != b : a == b;
}

// "gte:2026-01-02T03:04:05Z"; without a comparison it is equality. Times of one form compare as texts do.
std::expected<bool, Refusal> passes_time(const Json& image, const std::string& key, const std::string& wanted) {
  size_t colon = wanted.find(':');
  std::string comparison = wanted.substr(0, colon);
  bool is_said = std::ranges::find(kComparisons, comparison) != std::end(kComparisons);
  std::string time = is_said ? wanted.substr(colon + 1) : wanted;
  constexpr size_t kToSeconds = 19;
  bool is_time = time.size() >= kToSeconds && time[4] == '-' && time[7] == '-' && time[10] == 'T' && time[13] == ':';
  if (!is_time) return refused(400, fmt::format("Bad \"{}\" query filter format: {}", key, python_repr(wanted)));
  time.resize(kToSeconds);
  return compares(is_said ? comparison : "eq", text_at(image, key).substr(0, kToSeconds), time);
}

std::expected<bool, Refusal> passes_bound(const Json& image, const std::string& key, const std::string& wanted) {
  std::optional<int64_t> bound = whole_number(wanted);
  if (!bound) return refused(400, fmt::format("Cannot convert image {} '{}' to an integer.", key, wanted));
  const Json& size = *member(image, "size");
  if (!size.is_number()) return false;
  return key == "size_min" ? size >= *bound : size <= *bound;
}

std::expected<bool, Refusal> passes_one(const Json& image, const std::string& key, const std::string& wanted) {
  if (key == "size_min" || key == "size_max") return passes_bound(image, key, wanted);
  if (key == "created_at" || key == "updated_at") return passes_time(image, key, wanted);
  if (key == "tag") return std::ranges::find(*member(image, "tags"), Json(wanted)) != member(image, "tags")->end();
  if (std::ranges::find(kOfLists, key) != std::end(kOfLists)) return true;
  const Json* value = member(image, key);
  if (std::ranges::find(kFilters, key) == std::end(kFilters) && value == nullptr) return false;
  if (key == "visibility" && wanted == "all") return true;
  return value != nullptr && is_one_of(text_of(*value), wanted);
}

std::expected<bool, Refusal> passes(const Call& call, const Json& image) {
  for (const auto& [key, wanted] : call.target.query) {
    auto fits = passes_one(image, key, wanted);
    if (!fits || !*fits) return fits;
  }
  // Hidden ones are shown to who asks for them.
  return call.in_query("os_hidden") != nullptr || *member(image, "os_hidden") == false;
}

Checked check_one_of(const Call& call, std::string_view key, std::initializer_list<std::string_view> known) {
  const std::string* value = call.in_query(key);
  if (value == nullptr || std::ranges::find(known, *value) != known.end()) return {};
  return refused(400, fmt::format("Invalid {} value: {}", key, *value));
}

Checked check_query(const Call& call) {
  if (call.in_query("changes-since") != nullptr)
    return refused(400, "\"changes-since\" filter is no longer available on v2.");
  for (std::string_view key : {"protected", "os_hidden"}) {
    const std::string* value = call.in_query(key);
    std::string text = value == nullptr ? "true" : to_lower(*value);
    if (text != "true" && text != "false")
      return refused(
          400, fmt::format("Invalid value '{}' for '{}' filter. Valid values are 'true' or 'false'.", *value, key));
  }
  if (Checked fine = check_one_of(call, "visibility", {"public", "private", "shared", "community", "all"}); !fine)
    return fine;
  return check_one_of(call, "member_status", {"pending", "accepted", "rejected", "all"});
}

// Others' community images are listed where they are asked for; what is shared with the project, where the project said
// of it what is asked for.
bool is_listed_here(const Call& call, const Image& image) {
  const Uuid& project = call.caller.project_id;
  const std::string* visibility = call.in_query("visibility");
  if (image.owner == project || image.visibility == ImageVisibility::kPublic) return true;
  if (image.visibility == ImageVisibility::kCommunity)
    return visibility != nullptr && (*visibility == "community" || *visibility == "all");
  if (image.visibility == ImageVisibility::kShared) {
    const std::string* asked = call.in_query("member_status");
    std::string_view status = asked == nullptr ? "accepted" : std::string_view(*asked);
    auto of_project = std::ranges::find(image.members, to_hex(project), &MetadataItem::key);
    if (of_project != image.members.end()) return status == "all" || of_project->value == status;
  }
  return call.is_admin();
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
  if (Checked fine = check_query(call); !fine) co_return std::unexpected(std::move(fine.error()));
  auto sort = read_sort(call);
  if (!sort) co_return std::unexpected(std::move(sort.error()));
  auto rows = co_await ask_all(call, ListImages{.usable = true}, &ImageList::images,
                               [](const Image& image) { return to_string(image.id); });
  if (!rows) co_return std::unexpected(std::move(rows.error()));
  std::vector<Json> images;
  for (const Image& row : *rows) {
    if (!is_listed_here(call, row)) continue;
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

constexpr Route kRoutes[] = {
    {Service::kImage, "GET", "/v2/images", UserRole::kReader, "get_images", &list},
};

}  // namespace

std::span<const Route> image_list_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
