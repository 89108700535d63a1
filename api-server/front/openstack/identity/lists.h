// What Keystone's lists and objects have in common.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "domain/nouns/project.h"
#include "domain/nouns/user.h"

namespace kilonova::api::openstack {

// {key: items, "links": {...}}
Json list_body(const Call& call, std::string_view key, Json items);
// {"self": ".../v3/projects/ID"}
Json self_link(const Call& call, std::string_view collection, std::string_view id);

// Whether an object has what the query asks for: `key=value`, `key__contains=value` and the like, of these keys alone.
// What else stands in the query does not count.
bool passes_query(const Call& call, const Json& object, std::initializer_list<std::string_view> keys);
bool passes_query(const Call& call, const Json& object, std::span<const std::string_view> keys);

// "Could not find project: ID."
std::unexpected<Refusal> could_not_find(std::string_view noun, std::string_view id);

// The one with this id; 404 in Keystone's words.
Task<std::expected<User, Refusal>> find_user(Call& call, std::string id);
Task<std::expected<Project, Refusal>> find_project(Call& call, std::string id);

Json project_view(const Call& call, const Project& project);
Json user_view(const Call& call, const User& user);

}  // namespace kilonova::api::openstack
