// Glance: namespaces of metadata definitions (glance/api/v2/metadef_namespaces.py), and resource types.
#include "api-server/front/openstack/image/metadefs.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "api-server/front/openstack/image/image_form.h"
#include "api-server/front/openstack/image/routes.h"
#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/sort_stably.h"
#include "api-server/front/openstack/times.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kNamespaces = "metadef_namespace";
// What Glance's own migrations put there.
constexpr const char* kResourceTypes[] = {"OS::Glance::Image",   "OS::Cinder::Volume", "OS::Nova::Flavor",
                                          "OS::Nova::Aggregate", "OS::Nova::Server",   "OS::Trove::Instance"};

std::string path_of(std::string_view name) { return fmt::format("/v2/metadefs/namespaces/{}", name); }

bool may_see(const Call& call, const StoredObject& one) {
  return call.is_admin() || text_at(one.body, "visibility") == "public" || one.owner == to_hex(call.caller.project_id);
}

// `prefix`: of names, where a resource type is asked for.
Json namespace_view(const StoredObject& one, bool is_whole, const std::string& prefix) {
  Json view = Json::object();
  std::string name = text_at(one.body, "namespace");
  view["namespace"] = name;
  for (const char* key : {"display_name", "description"})
    if (const Json* value = member(one.body, key); value != nullptr && !value->is_null()) view[key] = *value;
  view["visibility"] = one.body["visibility"];
  view["protected"] = one.body["protected"];
  view["owner"] = one.owner;
  Json types = Json::array();
  for (const Json& type : one.body["resource_types"]) types.push_back(item_view(type));
  view["resource_type_associations"] = std::move(types);
  if (is_whole) {
    Json properties = Json::object();
    for (const Json& property : one.body["properties"]) {
      Json shown = property_view(property);
      shown.erase("name");
      properties[prefix + text_at(property, "name")] = std::move(shown);
    }
    Json objects = Json::array();
    for (const Json& object : one.body["objects"]) objects.push_back(object_view(name, object));
    Json tags = Json::array();
    for (const Json& tag : one.body["tags"]) tags.push_back({{"name", tag["name"]}});
    if (!properties.empty()) view["properties"] = std::move(properties);
    if (!objects.empty()) view["objects"] = std::move(objects);
    if (!tags.empty()) view["tags"] = std::move(tags);
  }
  view["created_at"] = time_to_seconds(one.created_at);
  view["updated_at"] = time_to_seconds(one.updated_at);
  view["self"] = path_of(name);
  view["schema"] = "/v2/schemas/metadefs/namespace";
  return view;
}

Checked check_namespace(const Json& wanted) {
  if (!wanted.is_object()) return breaks_schema("namespace", python_repr(wanted) + " is not of type 'object'");
  const Json* name = member(wanted, "namespace");
  if (Checked named = check_metadef_name("namespace", name == nullptr ? Json(nullptr) : *name); !named) return named;
  for (const auto& [key, value] : wanted.items()) {
    if (key == "self" || key == "schema" || key == "created_at" || key == "updated_at")
      return refused(403, fmt::format("Attribute '{}' is read-only.", key));
    bool is_text = key == "display_name" || key == "description" || key == "owner";
    size_t most = key == "display_name" ? 80 : key == "description" ? 500 : 255;
    if (is_text && !value.is_null() && (!value.is_string() || value.get_ref<const std::string&>().size() > most))
      return breaks_schema("namespace", fmt::format("{} is no text of at most {} characters", key, most));
    if (key == "visibility" && value != "public" && value != "private")
      return breaks_schema("namespace", "visibility must be public or private, and is " + python_repr(value));
    if (key == "protected" && !value.is_boolean())
      return breaks_schema("namespace", "protected must be true or false, and is " + python_repr(value));
    if (key == "resource_type_associations" && !value.is_array())
      return breaks_schema("namespace", "resource_type_associations must be a list, and is " + python_repr(value));
  }
  return {};
}

Task<std::expected<std::vector<StoredObject>, Refusal>> visible_namespaces(Call& call) {
  auto all = co_await all_objects(call, kNamespaces);
  if (all) std::erase_if(*all, [&](const StoredObject& one) { return !may_see(call, one); });
  co_return all;
}

void set_fields(Json& body, const Json& wanted) {
  for (const char* key : {"namespace", "display_name", "description", "visibility", "protected"})
    if (const Json* value = member(wanted, key)) body[key] = *value;
}

Task<Answered> create(Call& call) {
  if (Checked formed = check_namespace(call.body); !formed) co_return std::unexpected(std::move(formed.error()));
  StoredObject made{.id = new_dashed_id(call),
                    .owner = to_hex(call.caller.project_id),
                    .unique_name = text_at(call.body, "namespace")};
  if (std::string owner = text_at(call.body, "owner"); !owner.empty()) made.owner = owner;
  made.body = {{"visibility", "private"},     {"protected", false},    {"objects", Json::array()},
               {"properties", Json::array()}, {"tags", Json::array()}, {"resource_types", Json::array()}};
  set_fields(made.body, call.body);
  if (const Json* types = member(call.body, "resource_type_associations"))
    for (const Json& type : *types) {
      std::string name = text_at(type, "name");
      if (Checked named = check_metadef_name("resource type", Json(name)); !named)
        co_return std::unexpected(std::move(named.error()));
      made.body["resource_types"].push_back(with_times(call, {{"name", name}}));
    }
  auto stored = co_await put_object(call, kNamespaces, std::move(made));
  if (!stored && stored.error().status == 409)
    co_return refused(409, fmt::format("A metadata definition namespace with namespace={} already exists.",
                                       text_at(call.body, "namespace")));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  Answer answer{201, namespace_view(*stored, false, "")};
  answer.headers.emplace_back("Location", call.base + "/image" + path_of(text_at(stored->body, "namespace")));
  co_return answer;
}

bool has_resource_type(const StoredObject& one, const std::string& wanted) {
  size_t from = 0;
  while (from <= wanted.size()) {
    size_t comma = std::min(wanted.find(',', from), wanted.size());
    std::string type = wanted.substr(from, comma - from);
    for (const Json& known : one.body["resource_types"])
      if (known["name"] == type) return true;
    from = comma + 1;
  }
  return false;
}

Task<Answered> list(Call& call) {
  auto all = co_await visible_namespaces(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  std::vector<Json> shown;
  const std::string* visibility = call.in_query("visibility");
  const std::string* types = call.in_query("resource_types");
  for (const StoredObject& one : *all) {
    if (visibility != nullptr && text_at(one.body, "visibility") != *visibility) continue;
    if (types != nullptr && !has_resource_type(one, *types)) continue;
    shown.push_back(namespace_view(one, false, ""));
  }
  const std::string* direction = call.in_query("sort_dir");
  const std::string* key = call.in_query("sort_key");
  std::string by = key == nullptr ? "created_at" : *key;
  bool ascending = direction != nullptr && *direction == "asc";
  sort_stably(shown, [&](const Json& a, const Json& b) {
    return ascending ? text_at(a, by) < text_at(b, by) : text_at(b, by) < text_at(a, by);
  });
  Page page{.limit = 25, .marker = {}};
  if (const std::string* marker = call.in_query("marker")) page.marker = *marker;
  if (const std::string* limit = call.in_query("limit")) {
    std::optional<int64_t> number = whole_number(*limit);
    if (!number) co_return refused(400, "limit param must be an integer");
    page.limit = static_cast<uint32_t>(std::min<int64_t>(*number, kMaxLimit));
  }
  auto cut = cut_page(call, page, shown, [](const Json& one) { return text_at(one, "namespace"); });
  if (!cut) co_return refused(404, fmt::format("Metadata definition namespace {} not found", page.marker));
  Json body{{"namespaces", cut->rows}, {"first", "/v2/metadefs/namespaces"}};
  if (!cut->next.is_null())
    body["next"] = "/v2/metadefs/namespaces?marker=" + http::percent_encode(text_at(cut->rows.back(), "namespace"));
  body["schema"] = "/v2/schemas/metadefs/namespaces";
  co_return Answer{200, std::move(body)};
}

Task<Answered> show(Call& call) {
  auto found = co_await find_namespace(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  std::string prefix;
  if (const std::string* type = call.in_query("resource_type")) {
    Json* association = item_of(found->body["resource_types"], *type);
    if (association == nullptr) co_return refused(404, fmt::format("Resource type {} is not associated", *type));
    prefix = text_at(*association, "prefix");
  }
  co_return Answer{200, namespace_view(*found, true, prefix)};
}

Task<Answered> replace(Call& call) {
  if (Checked formed = check_namespace(call.body); !formed) co_return std::unexpected(std::move(formed.error()));
  auto found = co_await find_namespace(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  for (const char* key : {"display_name", "description"}) found->body.erase(key);
  set_fields(found->body, call.body);
  found->unique_name = text_at(found->body, "namespace");
  if (std::string owner = text_at(call.body, "owner"); !owner.empty()) found->owner = owner;
  auto stored = co_await put_object(call, kNamespaces, std::move(*found));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, namespace_view(*stored, false, "")};
}

Task<Answered> remove(Call& call) {
  auto found = co_await find_namespace(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (found->body["protected"] == true)
    co_return refused(403, fmt::format("Metadata definition namespace {} is protected and cannot be deleted.",
                                       text_at(found->body, "namespace")));
  if (Checked gone = co_await delete_object(call, kNamespaces, found->id); !gone)
    co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

// Those that came with Glance, and those that a namespace has named since.
Task<Answered> list_resource_types(Call& call) {
  auto all = co_await all_objects(call, kNamespaces);
  if (!all) co_return std::unexpected(std::move(all.error()));
  Json types = Json::array();
  std::set<std::string> known;
  Json epoch = time_to_seconds(WallTime{1});
  for (const char* name : kResourceTypes)
    if (known.insert(name).second) types.push_back({{"name", name}, {"created_at", epoch}, {"updated_at", epoch}});
  for (const StoredObject& one : *all)
    for (const Json& type : one.body["resource_types"]) {
      if (!known.insert(text_at(type, "name")).second) continue;
      Json view = item_view(type);
      types.push_back({{"name", view["name"]}, {"created_at", view["created_at"]}, {"updated_at", view["updated_at"]}});
    }
  co_return Answer{200, {{"resource_types", std::move(types)}}};
}

constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {Service::kImage, "GET", "/v2/metadefs/namespaces", kReader, "get_metadef_namespaces", &list},
    {Service::kImage, "POST", "/v2/metadefs/namespaces", kAdmin, "add_metadef_namespace", &create},
    {Service::kImage, "GET", "/v2/metadefs/namespaces/{namespace}", kReader, "get_metadef_namespace", &show},
    {Service::kImage, "PUT", "/v2/metadefs/namespaces/{namespace}", kAdmin, "modify_metadef_namespace", &replace},
    {Service::kImage, "DELETE", "/v2/metadefs/namespaces/{namespace}", kAdmin, "delete_metadef_namespace", &remove},
    {Service::kImage, "GET", "/v2/metadefs/resource_types", kReader, "list_metadef_resource_types",
     &list_resource_types},
};

}  // namespace

Task<std::expected<StoredObject, Refusal>> find_namespace(Call& call) {
  auto all = co_await visible_namespaces(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  for (StoredObject& one : *all)
    if (text_at(one.body, "namespace") == call.in_path("namespace")) co_return std::move(one);
  co_return refused(404, fmt::format("Metadata definition namespace {} not found", call.in_path("namespace")));
}

Task<Checked> store_namespace(Call& call, StoredObject name_space) {
  auto stored = co_await put_object(call, kNamespaces, std::move(name_space));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Checked();
}

Checked check_metadef_name(std::string_view what, const Json& name) {
  if (name.is_string() && !name.get_ref<const std::string&>().empty() &&
      name.get_ref<const std::string&>().size() <= kMaxMetadefName)
    return {};
  return refused(400, fmt::format("The name of a {} must have 1 to {} characters, and is {}", what, kMaxMetadefName,
                                  python_repr(name)));
}

Json* item_of(Json& items, std::string_view name) {
  auto found = std::ranges::find_if(items, [&](const Json& item) { return text_at(item, "name") == name; });
  return found == items.end() ? nullptr : &*found;
}

Json with_times(const Call& call, Json item) {
  int64_t now = call.loop.wall_now().us;
  if (!item.contains("created")) item["created"] = now;
  item["updated"] = now;
  return item;
}

Json item_view(const Json& item) {
  Json view = item;
  for (auto [stored, shown] : {std::pair{"created", "created_at"}, std::pair{"updated", "updated_at"}}) {
    const Json* time = member(item, stored);
    if (time == nullptr) continue;
    view[shown] = time_to_seconds(WallTime{time->get<int64_t>()});
    view.erase(stored);
  }
  return view;
}

Json property_view(const Json& property) {
  Json view = property;
  view.erase("created");
  view.erase("updated");
  return view;
}

Json object_view(const std::string& name_space, const Json& object) {
  Json view = item_view(object);
  view["self"] = fmt::format("{}/objects/{}", path_of(name_space), text_at(object, "name"));
  view["schema"] = "/v2/schemas/metadefs/object";
  return view;
}

std::span<const Route> metadef_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
