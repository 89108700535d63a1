#include "api-server/front/openstack/network/lists.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>

#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/sort_stably.h"
#include "base/ascii.h"
#include "http/target.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kOfLists[] = {"fields",    "limit", "marker",   "page_reverse", "sort_key",    "sort_dir",
                                         "fixed_ips", "tags",  "tags-any", "not-tags",     "not-tags-any"};

bool is_of_lists(std::string_view key) { return std::ranges::find(kOfLists, key) != std::end(kOfLists); }

bool equals(const Json& value, const std::string& wanted) {
  if (value.is_string()) return value.get_ref<const std::string&>() == wanted;
  if (value.is_boolean()) return boolean_of_text(wanted) == value.get<bool>();
  if (value.is_array()) return std::ranges::any_of(value, [&](const Json& one) { return equals(one, wanted); });
  if (value.is_null()) return wanted.empty();
  return value.is_number() && to_text(value) == wanted;
}

// "ip_address=10.0.0.2", "subnet_id=...", "ip_address_substr=10.0": of one of the port's addresses, all of them.
bool has_fixed_ip(const Json& port, const std::vector<std::string>& wanted) {
  const Json* ips = member(port, "fixed_ips");
  if (ips == nullptr) return false;
  return std::ranges::any_of(*ips, [&](const Json& ip) {
    return std::ranges::all_of(wanted, [&](const std::string& pair) {
      std::string key = pair.substr(0, pair.find('='));
      std::string value = key.size() == pair.size() ? "" : pair.substr(key.size() + 1);
      if (key == "ip_address_substr") return text_at(ip, "ip_address").find(value) != std::string::npos;
      return text_at(ip, key) == value;
    });
  });
}

std::vector<std::string> comma_list(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t at = 0; at <= text.size();) {
    size_t comma = std::min(text.find(',', at), text.size());
    parts.push_back(text.substr(at, comma - at));
    at = comma + 1;
  }
  return parts;
}

// "tags": all of them, "tags-any": one of them; "not-" the opposite of either.
bool has_tags(const Call& call, const Json& item) {
  const Json* tags = member(item, "tags");
  auto has = [&](const std::string& tag) {
    return tags != nullptr && std::ranges::find(*tags, Json(tag)) != tags->end();
  };
  for (std::string_view key : {"tags", "tags-any", "not-tags", "not-tags-any"}) {
    const std::string* wanted = call.in_query(key);
    if (wanted == nullptr) continue;
    std::vector<std::string> list = comma_list(*wanted);
    bool fits = key.ends_with("any") ? std::ranges::any_of(list, has) : std::ranges::all_of(list, has);
    if (fits == key.starts_with("not")) return false;
  }
  return true;
}

// Repeated keys: any of their values.
bool passes(const Call& call, const Json& item, std::string_view passed) {
  std::map<std::string_view, bool> found;
  for (const auto& [key, wanted] : call.target.query) {
    if (is_of_lists(key) || key == passed) continue;
    const Json* value = member(item, key);
    bool fits = value != nullptr && equals(*value, wanted);
    found[key] = found[key] || fits;
  }
  bool all = std::ranges::all_of(found, [](const auto& entry) { return entry.second; });
  all = all && has_tags(call, item);
  std::vector<std::string> ips = call.all_in_query("fixed_ips");
  return all && (ips.empty() || has_fixed_ip(item, ips));
}

Json chosen_fields(const Call& call, Json item) {
  std::vector<std::string> fields = call.all_in_query("fields");
  if (fields.empty()) return item;
  Json chosen = Json::object();
  for (const std::string& field : fields)
    if (const Json* value = member(item, field)) chosen[field] = *value;
  return chosen;
}

std::optional<Refusal> sort_items(const Call& call, std::vector<Json>& items,
                                  std::initializer_list<std::string_view> attributes) {
  std::vector<std::string> keys = call.all_in_query("sort_key");
  std::vector<std::string> directions = call.all_in_query("sort_dir");
  if (keys.size() != directions.size())
    return Refusal{400, "The number of sort_keys and sort_dirs must be same", "HTTPBadRequest"};
  sort_stably(items, [](const Json& a, const Json& b) { return text_at(a, "id") < text_at(b, "id"); });
  for (size_t i = keys.size(); i-- > 0;) {
    if (std::ranges::find(attributes, keys[i]) == attributes.end())
      return Refusal{400, fmt::format("['{}'] is invalid attribute for sort_keys", keys[i]), "HTTPBadRequest"};
    if (directions[i] != "asc" && directions[i] != "desc")
      return Refusal{
          400, fmt::format("['{}'] is invalid value for sort_dirs, valid value is 'asc' and 'desc'", directions[i]),
          "HTTPBadRequest"};
    sort_stably(items, [&](const Json& a, const Json& b) {
      const Json* x = member(a, keys[i]);
      const Json* y = member(b, keys[i]);
      if (x == nullptr || y == nullptr) return false;
      return directions[i] == "asc" ? *x < *y : *y < *x;
    });
  }
  return std::nullopt;
}

// Of attributes that are booleans, whatever the list has.
std::optional<Refusal> check_booleans(const Call& call) {
  constexpr std::string_view kBooleans[] = {"admin_state_up",
                                            "shared",
                                            "router:external",
                                            "is_default",
                                            "enable_dhcp",
                                            "stateful",
                                            "ha",
                                            "distributed",
                                            "enabled",
                                            "default",
                                            "port_security_enabled",
                                            "vlan_transparent"};
  for (const auto& [key, value] : call.target.query)
    if (std::ranges::find(kBooleans, key) != std::end(kBooleans) && !boolean_of_text(value))
      return no_boolean(value).error();
  return std::nullopt;
}

// neutron_lib/db/model_query.py: behind the marker, or before it where the page is asked for in reverse.
std::optional<Refusal> cut_items(const Call& call, std::vector<Json>& items, size_t limit, bool is_reverse) {
  if (const std::string* marker = call.in_query("marker")) {
    auto at = std::ranges::find_if(items, [&](const Json& item) { return text_at(item, "id") == *marker; });
    if (at == items.end()) return neutron_not_found("Marker", *marker).error();
    if (is_reverse)
      items.erase(at, items.end());
    else
      items.erase(items.begin(), at + 1);
  }
  if (limit == 0 || items.size() <= limit) return std::nullopt;
  const auto left = static_cast<ptrdiff_t>(limit);
  if (is_reverse)
    items.erase(items.begin(), items.end() - left);
  else
    items.erase(items.begin() + left, items.end());
  return std::nullopt;
}

// The request's own address with its query, and another marker.
Json link_of_page(const Call& call, std::string_view rel, std::string_view marker) {
  std::string text;
  auto add = [&](std::string_view key, std::string_view value) {
    text += fmt::format("{}{}={}", text.empty() ? "?" : "&", http::percent_encode(key), http::percent_encode(value));
  };
  for (const auto& [key, value] : call.target.query)
    if (key != "marker" && key != "page_reverse") add(key, value);
  if (!marker.empty()) add("marker", marker);
  if (rel == "previous") add("page_reverse", "True");
  return {{"rel", rel}, {"href", call.base + call.target.raw_path + text}};
}

// neutron/api/api_common.py get_pagination_links; null without a limit.
Json links_of_page(const Call& call, const std::vector<Json>& items, size_t limit, bool is_reverse) {
  if (limit == 0) return nullptr;
  Json links = Json::array();
  const bool is_full = items.size() >= limit;
  auto id_of = [](const Json& item) { return text_at(item, "id"); };
  if (is_full || is_reverse) links.push_back(link_of_page(call, "next", items.empty() ? "" : id_of(items.back())));
  if (is_full || !is_reverse)
    links.push_back(link_of_page(call, "previous", items.empty() ? "" : id_of(items.front())));
  return links.empty() ? Json(nullptr) : links;
}

}  // namespace

Answered neutron_list(const Call& call, std::string_view collection, std::vector<Json> items,
                      std::initializer_list<std::string_view> attributes, std::string_view passed) {
  for (const auto& [key, value] : call.target.query)
    if (!is_of_lists(key) && key != passed && std::ranges::find(attributes, key) == attributes.end())
      return refused(400, fmt::format("['{}'] is invalid attribute for filtering", key), "HTTPBadRequest");
  if (auto wrong = check_booleans(call)) return std::unexpected(std::move(*wrong));
  std::erase_if(items, [&](const Json& item) { return !passes(call, item, passed); });
  if (auto wrong = sort_items(call, items, attributes)) return std::unexpected(std::move(*wrong));
  size_t limit = 0;  // none
  if (const std::string* said = call.in_query("limit")) {
    std::optional<int64_t> number = whole_number(*said);
    if (!number)
      return refused(400, fmt::format("Limit must be an integer 0 or greater and not '{}'", *said), "BadRequest");
    limit = static_cast<size_t>(std::min<int64_t>(*number, UINT32_MAX));
  }
  const std::string* reverse = call.in_query("page_reverse");
  const bool is_reverse = reverse != nullptr && to_lower(*reverse) == "true";
  if (auto wrong = cut_items(call, items, limit, is_reverse)) return std::unexpected(std::move(*wrong));
  Json links = links_of_page(call, items, limit, is_reverse);
  Json shown = Json::array();
  for (Json& item : items) shown.push_back(chosen_fields(call, std::move(item)));
  return page_answer(collection, std::move(shown), std::move(links));
}

Answered neutron_item(const Call& call, std::string_view name, Json item) {
  return Answer{200, object_of(name, chosen_fields(call, std::move(item)))};
}

std::unexpected<Refusal> neutron_not_found(std::string_view noun, std::string_view id) {
  std::string type = std::string(noun) + "NotFound";
  return refused(404, fmt::format("{} {} could not be found.", noun, id), type);
}

}  // namespace kilonova::api::openstack
