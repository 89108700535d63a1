// Glance: what a namespace of metadata definitions has: objects, properties, tags, resource types.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/image/image_form.h"
#include "api-server/front/openstack/image/metadefs.h"
#include "api-server/front/openstack/image/routes.h"
#include "base/ascii.h"

namespace kilonova::api::openstack {
namespace {

// Nested properties count as the record's bytes; this many items keep a namespace's list short.
constexpr size_t kMaxItems = 500;

// One kind of part: its key in the record, its name in the path and in words, and what its items may have.
struct Part {
  const char* key;
  std::string_view in_path;
  std::string_view words;
  Json (*view)(const std::string& name_space, const Json& item);
  Checked (*check)(const Json& wanted);
};

Json view_object(const std::string& name_space, const Json& item) { return object_view(name_space, item); }
Json view_property(const std::string&, const Json& item) { return property_view(item); }
Json view_item(const std::string&, const Json& item) { return item_view(item); }

Checked check_read_only(const Json& wanted) {
  for (const char* key : {"self", "schema", "created_at", "updated_at"})
    if (member(wanted, key) != nullptr) return refused(403, fmt::format("Attribute '{}' is read-only.", key));
  return {};
}

Checked check_object(const Json& wanted) {
  if (Checked writable = check_read_only(wanted); !writable) return writable;
  for (const auto& [key, value] : wanted.items()) {
    bool fits = key == "name" || (key == "description" && (value.is_string() || value.is_null())) ||
                (key == "required" && value.is_array()) || (key == "properties" && value.is_object());
    if (!fits) return breaks_schema("object", fmt::format("{} may not be {}", key, python_repr(value)));
  }
  return {};
}

Checked check_property(const Json& wanted) {
  constexpr std::string_view kTypes[] = {"array", "boolean", "integer", "number", "object", "string"};
  const Json* title = member(wanted, "title");
  if (title == nullptr || !title->is_string()) return breaks_schema("property", "'title' is a required property");
  const Json* type = member(wanted, "type");
  if (type == nullptr) return breaks_schema("property", "'type' is a required property");
  bool is_known = type->is_null() || std::ranges::any_of(kTypes, [&](auto known) { return *type == known; });
  if (!is_known) return breaks_schema("property", fmt::format("{} is not a type", python_repr(*type)));
  return {};
}

constexpr Part kObjects{"objects", "object", "object", &view_object, &check_object};
constexpr Part kProperties{"properties", "property", "property", &view_property, &check_property};
constexpr Part kTags{"tags", "tag", "tag", &view_item, &check_read_only};
constexpr Part kTypes{"resource_types", "type", "resource type", &view_item, &check_read_only};

std::unexpected<Refusal> no_item(const Part& part, const std::string& name, const StoredObject& of) {
  return refused(404, fmt::format("The metadata definition {} with name={} was not found in namespace={}.", part.words,
                                  name, text_at(of.body, "namespace")));
}

std::unexpected<Refusal> item_exists(const Part& part, const std::string& name, const StoredObject& of) {
  return refused(409, fmt::format("A metadata definition {} with name={} already exists in namespace={}.", part.words,
                                  name, text_at(of.body, "namespace")));
}

Checked check_item(const Part& part, const Json& wanted) {
  if (!wanted.is_object()) return breaks_schema(part.words, python_repr(wanted) + " is not of type 'object'");
  const Json* name = member(wanted, "name");
  if (Checked named = check_metadef_name(part.words, name == nullptr ? Json(nullptr) : *name); !named) return named;
  return part.check(wanted);
}

Task<Answered> list_items(Call& call, const Part& part) {
  auto found = co_await find_namespace(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  std::string name_space = text_at(found->body, "namespace");
  Json items = Json::array();
  for (const Json& item : found->body[part.key]) items.push_back(part.view(name_space, item));
  co_return Answer{200, std::move(items)};
}

Task<Answered> show_item(Call& call, const Part& part) {
  auto found = co_await find_namespace(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  const Json* item = item_of(found->body[part.key], call.in_path(part.in_path));
  if (item == nullptr) co_return no_item(part, call.in_path(part.in_path), *found);
  co_return Answer{200, part.view(text_at(found->body, "namespace"), *item)};
}

Task<Answered> add_item(Call& call, const Part& part, Json wanted) {
  if (Checked formed = check_item(part, wanted); !formed) co_return std::unexpected(std::move(formed.error()));
  auto found = co_await find_namespace(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  std::string name_space = text_at(found->body, "namespace");
  Json& items = found->body[part.key];
  if (item_of(items, text_at(wanted, "name")) != nullptr) co_return item_exists(part, text_at(wanted, "name"), *found);
  if (items.size() >= kMaxItems)
    co_return refused(413, fmt::format("A namespace has at most {} definitions of a kind", kMaxItems));
  items.push_back(with_times(call, std::move(wanted)));
  Json view = part.view(name_space, items.back());
  if (Checked stored = co_await store_namespace(call, std::move(*found)); !stored)
    co_return std::unexpected(std::move(stored.error()));
  co_return Answer{201, std::move(view)};
}

Task<Answered> replace_item(Call& call, const Part& part) {
  Json wanted = call.body;
  if (Checked formed = check_item(part, wanted); !formed) co_return std::unexpected(std::move(formed.error()));
  auto found = co_await find_namespace(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  Json& items = found->body[part.key];
  std::string name = call.in_path(part.in_path);
  Json* item = item_of(items, name);
  if (item == nullptr) co_return no_item(part, name, *found);
  std::string next = text_at(wanted, "name");
  if (next != name && item_of(items, next) != nullptr) co_return item_exists(part, next, *found);
  wanted["created"] = (*item)["created"];
  *item = with_times(call, std::move(wanted));
  Json view = part.view(text_at(found->body, "namespace"), *item);
  if (Checked stored = co_await store_namespace(call, std::move(*found)); !stored)
    co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, std::move(view)};
}

// `all`: every one, whatever the path says.
Task<Answered> remove_items(Call& call, const Part& part, bool all) {
  auto found = co_await find_namespace(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  Json& items = found->body[part.key];
  if (all) {
    items = Json::array();
  } else {
    std::string name = call.in_path(part.in_path);
    if (item_of(items, name) == nullptr) co_return no_item(part, name, *found);
    Json left = Json::array();
    for (Json& item : items)
      if (text_at(item, "name") != name) left.push_back(std::move(item));
    items = std::move(left);
  }
  if (Checked stored = co_await store_namespace(call, std::move(*found)); !stored)
    co_return std::unexpected(std::move(stored.error()));
  co_return Answer{204, nullptr};
}

// ---- objects

Task<Answered> list_objects(Call& call) {
  Answered items = co_await list_items(call, kObjects);
  if (!items) co_return items;
  co_return Answer{200,
                   {{"objects", std::move(items->body)},
                    {"first", fmt::format("/v2/metadefs/namespaces/{}/objects", call.in_path("namespace"))},
                    {"schema", "v2/schemas/metadefs/objects"}}};
}
Task<Answered> show_object(Call& call) { return show_item(call, kObjects); }
Task<Answered> add_object(Call& call) { return add_item(call, kObjects, call.body); }
Task<Answered> replace_object(Call& call) { return replace_item(call, kObjects); }
Task<Answered> remove_object(Call& call) { return remove_items(call, kObjects, false); }
Task<Answered> remove_objects(Call& call) { return remove_items(call, kObjects, true); }

// ---- properties

Task<Answered> list_properties(Call& call) {
  Answered items = co_await list_items(call, kProperties);
  if (!items) co_return items;
  Json by_name = Json::object();
  for (Json& item : items->body) by_name[text_at(item, "name")] = item;
  co_return Answer{200, {{"properties", std::move(by_name)}}};
}
Task<Answered> show_property(Call& call) { return show_item(call, kProperties); }
Task<Answered> add_property(Call& call) { return add_item(call, kProperties, call.body); }
Task<Answered> replace_property(Call& call) { return replace_item(call, kProperties); }
Task<Answered> remove_property(Call& call) { return remove_items(call, kProperties, false); }
Task<Answered> remove_properties(Call& call) { return remove_items(call, kProperties, true); }

// ---- tags

Task<Answered> list_tags(Call& call) {
  Answered items = co_await list_items(call, kTags);
  if (!items) co_return items;
  Json tags = Json::array();
  for (auto item = items->body.rbegin(); item != items->body.rend(); ++item)
    tags.push_back({{"name", (*item)["name"]}});
  co_return Answer{200,
                   {{"tags", std::move(tags)},
                    {"first", fmt::format("/v2/metadefs/namespaces/{}/tags", call.in_path("namespace"))},
                    {"schema", "/v2/schemas/metadefs/tags"}}};
}
Task<Answered> show_tag(Call& call) { return show_item(call, kTags); }
Task<Answered> add_tag(Call& call) { return add_item(call, kTags, {{"name", call.in_path("tag")}}); }
Task<Answered> replace_tag(Call& call) { return replace_item(call, kTags); }
Task<Answered> remove_tag(Call& call) { return remove_items(call, kTags, false); }
Task<Answered> remove_tags(Call& call) { return remove_items(call, kTags, true); }

// All at once, in the place of those that were there, or beside them.
Task<Answered> put_tags(Call& call) {
  const Json* wanted = member(call.body, "tags");
  if (wanted == nullptr || !wanted->is_array() || wanted->size() > kMaxItems)
    co_return breaks_schema("tags", fmt::format("'tags' must be a list of at most {} tags", kMaxItems));
  bool is_more = to_lower(std::string(call.request.header("X-Openstack-Append"))) == "true";
  auto found = co_await find_namespace(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  Json& tags = found->body["tags"];
  if (!is_more) tags = Json::array();
  Json shown = Json::array();
  for (const Json& tag : *wanted) {
    if (Checked formed = check_item(kTags, tag); !formed) co_return std::unexpected(std::move(formed.error()));
    if (item_of(tags, text_at(tag, "name")) != nullptr) co_return item_exists(kTags, text_at(tag, "name"), *found);
    if (tags.size() >= kMaxItems)
      co_return refused(413, fmt::format("A namespace has at most {} definitions of a kind", kMaxItems));
    tags.push_back(with_times(call, {{"name", tag["name"]}}));
    shown.push_back({{"name", tag["name"]}});
  }
  if (Checked stored = co_await store_namespace(call, std::move(*found)); !stored)
    co_return std::unexpected(std::move(stored.error()));
  co_return Answer{201, {{"tags", std::move(shown)}}};
}

// ---- resource types

Task<Answered> list_types(Call& call) {
  Answered items = co_await list_items(call, kTypes);
  if (!items) co_return items;
  co_return Answer{200, {{"resource_type_associations", std::move(items->body)}}};
}
Task<Answered> add_type(Call& call) { return add_item(call, kTypes, call.body); }
Task<Answered> remove_type(Call& call) { return remove_items(call, kTypes, false); }

constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kAdmin = UserRole::kAdmin;
constexpr Service kGlance = Service::kImage;

#define KN_OF_NAMESPACE(rest) "/v2/metadefs/namespaces/{namespace}/" rest

constexpr Route kRoutes[] = {
    {kGlance, "GET", KN_OF_NAMESPACE("objects"), kReader, "get_metadef_objects", &list_objects},
    {kGlance, "POST", KN_OF_NAMESPACE("objects"), kAdmin, "add_metadef_object", &add_object},
    {kGlance, "DELETE", KN_OF_NAMESPACE("objects"), kAdmin, "delete_metadef_object", &remove_objects},
    {kGlance, "GET", KN_OF_NAMESPACE("objects/{object}"), kReader, "get_metadef_object", &show_object},
    {kGlance, "PUT", KN_OF_NAMESPACE("objects/{object}"), kAdmin, "modify_metadef_object", &replace_object},
    {kGlance, "DELETE", KN_OF_NAMESPACE("objects/{object}"), kAdmin, "delete_metadef_object", &remove_object},
    {kGlance, "GET", KN_OF_NAMESPACE("properties"), kReader, "get_metadef_properties", &list_properties},
    {kGlance, "POST", KN_OF_NAMESPACE("properties"), kAdmin, "add_metadef_property", &add_property},
    {kGlance, "DELETE", KN_OF_NAMESPACE("properties"), kAdmin, "remove_metadef_property", &remove_properties},
    {kGlance, "GET", KN_OF_NAMESPACE("properties/{property}"), kReader, "get_metadef_property", &show_property},
    {kGlance, "PUT", KN_OF_NAMESPACE("properties/{property}"), kAdmin, "modify_metadef_property", &replace_property},
    {kGlance, "DELETE", KN_OF_NAMESPACE("properties/{property}"), kAdmin, "remove_metadef_property", &remove_property},
    {kGlance, "GET", KN_OF_NAMESPACE("tags"), kReader, "get_metadef_tags", &list_tags},
    {kGlance, "POST", KN_OF_NAMESPACE("tags"), kAdmin, "add_metadef_tags", &put_tags},
    {kGlance, "DELETE", KN_OF_NAMESPACE("tags"), kAdmin, "delete_metadef_tags", &remove_tags},
    {kGlance, "GET", KN_OF_NAMESPACE("tags/{tag}"), kReader, "get_metadef_tag", &show_tag},
    {kGlance, "POST", KN_OF_NAMESPACE("tags/{tag}"), kAdmin, "add_metadef_tag", &add_tag},
    {kGlance, "PUT", KN_OF_NAMESPACE("tags/{tag}"), kAdmin, "modify_metadef_tag", &replace_tag},
    {kGlance, "DELETE", KN_OF_NAMESPACE("tags/{tag}"), kAdmin, "delete_metadef_tag", &remove_tag},
    {kGlance, "GET", KN_OF_NAMESPACE("resource_types"), kReader, "get_metadef_resource_type", &list_types},
    {kGlance, "POST", KN_OF_NAMESPACE("resource_types"), kAdmin, "add_metadef_resource_type_association", &add_type},
    {kGlance, "DELETE", KN_OF_NAMESPACE("resource_types/{type}"), kAdmin, "remove_metadef_resource_type_association",
     &remove_type},
};

#undef KN_OF_NAMESPACE

}  // namespace

std::span<const Route> metadef_part_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
