#include "api-server/front/openstack/identity/lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "api-server/front/openstack/identity/facts.h"
#include "base/ascii.h"
#include "base/ids.h"

namespace kilonova::api::openstack {
namespace {

bool compares(std::string value, std::string_view how, std::string wanted) {
  if (how.starts_with('i')) {
    how.remove_prefix(1);
    value = to_lower(std::move(value));
    wanted = to_lower(std::move(wanted));
  }
  if (how == "contains") return value.find(wanted) != std::string::npos;
  if (how == "startswith") return value.starts_with(wanted);
  if (how == "endswith") return value.ends_with(wanted);
  return true;  // an unknown comparison does not count
}

// Keystone's reading of a boolean: a bare key means true.
bool is_true(std::string_view text) { return text != "0" && to_lower(std::string(text)) != "false"; }

bool passes(const Json& value, std::string_view how, const std::string& wanted) {
  if (value.is_boolean()) return how.empty() ? value == is_true(wanted) : true;
  if (!value.is_string()) return how.empty() ? false : true;
  if (how.empty()) return value.get_ref<const std::string&>() == wanted;
  return compares(value.get<std::string>(), how, wanted);
}

}  // namespace

Json list_body(const Call& call, std::string_view key, Json items) {
  std::string self = call.base + call.target.raw_path;
  if (!call.target.raw_query.empty()) self += "?" + call.target.raw_query;
  Json body = object_of(key, std::move(items));
  body["links"] = {{"next", nullptr}, {"self", self}, {"previous", nullptr}};
  return body;
}

Json self_link(const Call& call, std::string_view collection, std::string_view id) {
  return {{"self", fmt::format("{}/identity/v3/{}/{}", call.base, collection, id)}};
}

bool passes_query(const Call& call, const Json& object, std::initializer_list<std::string_view> keys) {
  return passes_query(call, object, std::span(keys.begin(), keys.size()));
}

bool passes_query(const Call& call, const Json& object, std::span<const std::string_view> keys) {
  for (const auto& [name, wanted] : call.target.query) {
    std::string_view key = std::string_view(name).substr(0, name.find("__"));
    std::string_view how =
        key.size() == name.size() ? std::string_view() : std::string_view(name).substr(key.size() + 2);
    if (std::ranges::find(keys, key) == keys.end()) continue;
    const Json* value = member(object, key);
    if (value == nullptr || !passes(*value, how, wanted)) return false;
  }
  return true;
}

std::unexpected<Refusal> could_not_find(std::string_view noun, std::string_view id) {
  return refused(404, fmt::format("Could not find {}: {}.", noun, id));
}

Task<std::expected<User, Refusal>> find_user(Call& call, std::string id) {
  std::optional<Uuid> uuid = parse_uuid(id);
  if (!uuid) co_return could_not_find("user", id);
  auto found = co_await ask_one(call, ListUsers{.user = to_string(*uuid)}, &UserList::users, &User::id, *uuid);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return could_not_find("user", id);
  co_return std::move(**found);
}

Task<std::expected<Project, Refusal>> find_project(Call& call, std::string id) {
  std::optional<Uuid> uuid = parse_uuid(id);
  if (!uuid) co_return could_not_find("project", id);
  auto found =
      co_await ask_one(call, ListProjects{.project = to_string(*uuid)}, &ProjectList::projects, &Project::id, *uuid);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return could_not_find("project", id);
  co_return std::move(**found);
}

Json project_view(const Call& call, const Project& project) {
  return {{"id", to_hex(project.id)},   {"name", project.name},
          {"domain_id", kDomainId},     {"description", project.description},
          {"enabled", project.enabled}, {"parent_id", kDomainId},
          {"is_domain", false},         {"tags", Json::array()},
          {"options", Json::object()},  {"links", self_link(call, "projects", to_hex(project.id))}};
}

Json user_view(const Call& call, const User& user) {
  return {{"id", to_hex(user.id)},
          {"name", user.name},
          {"domain_id", kDomainId},
          {"enabled", user.enabled},
          {"password_expires_at", nullptr},
          {"options", Json::object()},
          {"links", self_link(call, "users", to_hex(user.id))}};
}

}  // namespace kilonova::api::openstack
