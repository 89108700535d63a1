#include "api-server/front/openstack/identity/resource.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/identity/lists.h"

namespace kilonova::api::openstack {
namespace {

std::vector<StoredObject> built_in(const Call& call, const Resource& resource) {
  return resource.built_in == nullptr ? std::vector<StoredObject>() : resource.built_in(call);
}

// What this cloud has by itself has no record, and so no revision.
Checked check_changeable(const Resource& resource, const StoredObject& object) {
  if (object.revision != 0) return {};
  return refused(
      403, fmt::format("The {} {} is this cloud's own and can't be changed or deleted.", resource.words, object.id));
}

bool may_see(const Call& call, const StoredObject& object) {
  return call.is_admin() || object.owner.empty() || object.owner == to_hex(call.caller.user_id);
}

// As stored: what the front itself says of every object is not kept.
Json kept(Json body) {
  body.erase("id");
  body.erase("links");
  return body;
}

}  // namespace

std::optional<Refusal> check_form(const std::vector<Property>& properties, const Json& body, bool is_new) {
  for (const Property& property : properties) {
    const Json* value = member(body, property.name);
    if (value == nullptr && property.required && is_new)
      return Refusal{400, fmt::format("'{}' is a required property", property.name)};
    if (value == nullptr) continue;
    if (std::optional<Failure> wrong = property.rule(*value, property.name, kFirstMinor))
      return Refusal{400, fmt::format("Invalid input for field '{}': {}", property.name, wrong->message)};
  }
  return std::nullopt;
}

std::expected<const Json*, Refusal> member_of_body(const Call& call, std::string_view noun) {
  const Json* wanted = member(call.body, noun);
  if (wanted == nullptr || !wanted->is_object()) return refused(400, fmt::format("'{}' is a required property", noun));
  return wanted;
}

std::unexpected<Refusal> keystone_conflict(std::string_view noun, std::string_view why) {
  return refused(409, fmt::format("Conflict occurred attempting to store {} - {}.", noun, why));
}

std::unexpected<Refusal> not_authorized(const Call& call) {
  return refused(403, fmt::format("You are not authorized to perform the requested action: {}.", call.route->policy));
}

Rule keystone_name(size_t most) {
  return [form = text(1, most)](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    if (auto wrong = form(value, field, minor)) return wrong;
    const std::string& name = value.get_ref<const std::string&>();
    bool is_blank = std::ranges::all_of(name, [](char c) { return c == ' ' || c == '\t' || c == '\n'; });
    if (!is_blank) return std::nullopt;
    return Failure{field, python_repr(value), fmt::format("{} does not match '[\\\\S]+'", python_repr(value))};
  };
}

Rule plain_boolean() {
  return [](const Json& value, const std::string& field, Minor) -> std::optional<Failure> {
    if (value.is_boolean()) return std::nullopt;
    return Failure{field, python_repr(value), fmt::format("{} is not of type 'boolean'", python_repr(value))};
  };
}

Json resource_view(const Call& call, const Resource& resource, const StoredObject& object, bool is_new) {
  Json view{{"id", object.id}};
  for (const auto& [key, value] : object.body.items()) view[key] = value;
  if (resource.show != nullptr) resource.show(view, is_new);
  view["links"] = self_link(call, resource.collection, object.id);
  return view;
}

Task<std::expected<StoredObject, Refusal>> find_resource(Call& call, const Resource& resource, std::string_view part) {
  std::string id = call.in_path(part);
  for (StoredObject& own : built_in(call, resource))
    if (own.id == id) co_return std::move(own);
  auto found = co_await find_object(call, resource.kind, id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return could_not_find(resource.words, id);
  if (!may_see(call, **found)) co_return not_authorized(call);
  co_return std::move(**found);
}

Task<Answered> list_resources(Call& call, const Resource& resource, std::vector<std::string_view> filters) {
  auto objects = co_await all_objects(call, resource.kind);
  if (!objects) co_return std::unexpected(std::move(objects.error()));
  Json items = Json::array();
  for (StoredObject& own : built_in(call, resource)) {
    Json view = resource_view(call, resource, own);
    if (passes_query(call, view, filters)) items.push_back(std::move(view));
  }
  for (const StoredObject& object : *objects) {
    if (!may_see(call, object)) continue;
    Json view = resource_view(call, resource, object);
    if (passes_query(call, view, filters)) items.push_back(std::move(view));
  }
  std::string_view key = resource.collection.substr(resource.collection.rfind('/') + 1);
  co_return Answer{200, list_body(call, key, std::move(items))};
}

Task<Answered> show_resource(Call& call, const Resource& resource, std::string_view part) {
  auto object = co_await find_resource(call, resource, part);
  if (!object) co_return std::unexpected(std::move(object.error()));
  co_return Answer{200, object_of(resource.noun, resource_view(call, resource, *object))};
}

Task<Answered> create_resource(Call& call, const Resource& resource, std::string id) {
  auto wanted = member_of_body(call, resource.noun);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  Json body = **wanted;
  if (auto wrong = check_form(resource.properties(), body, true)) co_return std::unexpected(std::move(*wrong));
  if (resource.complete != nullptr) resource.complete(call, body);
  if (resource.check != nullptr)
    if (auto checked = co_await resource.check(call, body, nullptr); !checked)
      co_return std::unexpected(std::move(checked.error()));
  StoredObject object;
  object.id = id.empty() ? new_id(call) : std::move(id);
  object.body = kept(std::move(body));
  if (resource.owner != nullptr) object.owner = resource.owner(object.body);
  if (!may_see(call, object)) co_return not_authorized(call);
  if (resource.unique_name != nullptr) object.unique_name = resource.unique_name(object.body);
  std::string name = text_at(object.body, "name");
  std::string asked = object.id;
  for (const StoredObject& own : built_in(call, resource))
    if (own.id == object.id || (!object.unique_name.empty() && own.unique_name == object.unique_name))
      co_return keystone_conflict(resource.words,
                                  fmt::format("Duplicate entry found with name {}", name.empty() ? object.id : name));
  auto stored = co_await put_object(call, resource.kind, std::move(object));
  if (!stored && stored.error().status == 409)
    co_return keystone_conflict(resource.words, name.empty() ? fmt::format("Duplicate ID, {}", asked)
                                                             : fmt::format("Duplicate entry found with name {}", name));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{201, object_of(resource.noun, resource_view(call, resource, *stored, true))};
}

Task<Answered> update_resource(Call& call, const Resource& resource, std::string_view part) {
  auto object = co_await find_resource(call, resource, part);
  if (!object) co_return std::unexpected(std::move(object.error()));
  if (auto changeable = check_changeable(resource, *object); !changeable)
    co_return std::unexpected(std::move(changeable.error()));
  auto body = member_of_body(call, resource.noun);
  if (!body) co_return std::unexpected(std::move(body.error()));
  const Json& wanted = **body;
  if (auto wrong = check_form(resource.properties(), wanted, false)) co_return std::unexpected(std::move(*wrong));
  if (const Json* id = member(wanted, "id"); id != nullptr && *id != object->id)
    co_return refused(400, fmt::format("Cannot change {} ID", resource.words));
  if (resource.changeable != nullptr) {
    std::vector<std::string_view> allowed = resource.changeable();
    for (const auto& [key, value] : wanted.items())
      if (std::ranges::find(allowed, key) == allowed.end())
        co_return refused(400, fmt::format("Additional properties are not allowed ('{}' was unexpected)", key));
  }
  Json before = object->body;
  for (const auto& [key, value] : wanted.items()) object->body[key] = value;
  if (resource.merge != nullptr) resource.merge(wanted, object->body);
  if (resource.check != nullptr)
    if (auto checked = co_await resource.check(call, object->body, before); !checked)
      co_return std::unexpected(std::move(checked.error()));
  object->body = kept(std::move(object->body));
  if (resource.unique_name != nullptr) object->unique_name = resource.unique_name(object->body);
  std::string name = text_at(object->body, "name");
  auto stored = co_await put_object(call, resource.kind, std::move(*object));
  if (!stored && stored.error().status == 409)
    co_return keystone_conflict(resource.words, fmt::format("Duplicate entry found with name {}", name));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, object_of(resource.noun, resource_view(call, resource, *stored))};
}

Task<Answered> delete_resource(Call& call, const Resource& resource, std::string_view part) {
  auto object = co_await find_resource(call, resource, part);
  if (!object) co_return std::unexpected(std::move(object.error()));
  if (auto changeable = check_changeable(resource, *object); !changeable)
    co_return std::unexpected(std::move(changeable.error()));
  if (resource.check_delete != nullptr)
    if (auto checked = co_await resource.check_delete(call, object->body); !checked)
      co_return std::unexpected(std::move(checked.error()));
  std::string id = object->id;
  auto gone = co_await delete_object(call, resource.kind, id);
  if (!gone && gone.error().status == 404) co_return could_not_find(resource.words, id);
  if (!gone) co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

}  // namespace kilonova::api::openstack
