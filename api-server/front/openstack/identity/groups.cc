// Keystone: groups and who is in them.
#include <fmt/format.h>

#include <set>

#include "api-server/front/openstack/identity/domains.h"
#include "api-server/front/openstack/identity/extras.h"
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/grants.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/resource.h"
#include "api-server/front/openstack/identity/routes.h"
#include "base/ids.h"
#include "domain/nouns/user.h"

namespace kilonova::api::openstack {
namespace {

std::vector<Property> group_properties() {
  return {{"name", keystone_name(), true}, {"description", null_or(text())}, {"domain_id", text(1)}};
}

void complete_group(const Call&, Json& body) {
  if (!body.contains("domain_id")) body["domain_id"] = kDomainId;
  if (!body.contains("description")) body["description"] = "";
}

Task<Checked> check_group(Call& call, const Json& body, const Json& before) {
  if (!before.is_null() && before["domain_id"] != body["domain_id"]) co_return refused(400, "Cannot change Domain ID");
  auto domain = co_await domain_of_body(call, body, 404);
  if (!domain) co_return std::unexpected(std::move(domain.error()));
  co_return Checked();
}

Task<Checked> drop_grants(Call& call, const Json&) { return drop_grants_of(call, call.in_path("group")); }

std::string name_in_domain(const Json& body) { return text_at(body, "domain_id") + "/" + text_at(body, "name"); }

constexpr Resource kGroups{.kind = "group",
                           .noun = "group",
                           .collection = "groups",
                           .words = "group",
                           .properties = &group_properties,
                           .complete = &complete_group,
                           .check = &check_group,
                           .check_delete = &drop_grants,
                           .unique_name = &name_in_domain};

Task<Answered> list(Call& call) { return list_resources(call, kGroups, {"domain_id", "name"}); }
Task<Answered> show(Call& call) { return show_resource(call, kGroups, "group"); }
Task<Answered> create(Call& call) { return create_resource(call, kGroups); }
Task<Answered> update(Call& call) { return update_resource(call, kGroups, "group"); }
Task<Answered> remove(Call& call) { return delete_resource(call, kGroups, "group"); }

Task<Checked> check_both(Call& call) {
  auto group = co_await find_resource(call, kGroups, "group");
  if (!group) co_return std::unexpected(std::move(group.error()));
  auto user = co_await find_user(call, call.in_path("user"));
  if (!user) co_return std::unexpected(std::move(user.error()));
  co_return Checked();
}

Task<Answered> add_user(Call& call) {
  if (auto both = co_await check_both(call); !both) co_return std::unexpected(std::move(both.error()));
  if (auto done = co_await join_group(call, call.in_path("group"), call.in_path("user")); !done)
    co_return std::unexpected(std::move(done.error()));
  co_return Answer{204, nullptr};
}

std::unexpected<Refusal> not_in_group(const Call& call) {
  return refused(404, fmt::format("User {} not found in group {}.", call.in_path("user"), call.in_path("group")));
}

Task<Answered> check_user(Call& call) {
  if (auto both = co_await check_both(call); !both) co_return std::unexpected(std::move(both.error()));
  auto found = co_await find_object(call, kMemberships, membership_id(call.in_path("group"), call.in_path("user")));
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return not_in_group(call);
  co_return Answer{204, nullptr};
}

Task<Answered> remove_user(Call& call) {
  if (auto both = co_await check_both(call); !both) co_return std::unexpected(std::move(both.error()));
  auto gone = co_await leave_group(call, call.in_path("group"), call.in_path("user"));
  if (!gone && gone.error().status == 404) co_return not_in_group(call);
  if (!gone) co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

Task<Answered> list_users(Call& call) {
  auto group = co_await find_resource(call, kGroups, "group");
  if (!group) co_return std::unexpected(std::move(group.error()));
  auto members = co_await all_objects(call, kMemberships);
  if (!members) co_return std::unexpected(std::move(members.error()));
  Json items = Json::array();
  for (const StoredObject& member : *members) {
    if (!member.id.starts_with(group->id + "-")) continue;
    auto user = co_await find_user(call, member.owner);
    if (!user && user.error().status == 404) continue;
    if (!user) co_return std::unexpected(std::move(user.error()));
    Json view = user_view(call, *user);
    auto extras = co_await find_extras(call, ExtrasOf::kUser, member.owner);
    if (!extras) co_return std::unexpected(std::move(extras.error()));
    merge_extras(view, extras->body);
    if (passes_query(call, view, {"name", "enabled"})) items.push_back(std::move(view));
  }
  co_return Answer{200, list_body(call, "users", std::move(items))};
}

Task<Answered> list_groups_of_user(Call& call) {
  std::string id = call.in_path("user");
  if (!call.is_admin() && id != to_hex(call.caller.user_id)) co_return not_authorized(call);
  if (call.is_admin())
    if (auto user = co_await find_user(call, id); !user) co_return std::unexpected(std::move(user.error()));
  auto members = co_await all_objects(call, kMemberships, id);
  if (!members) co_return std::unexpected(std::move(members.error()));
  std::set<std::string> ids;
  for (const StoredObject& member : *members) ids.insert(member.id.substr(0, member.id.find('-')));
  auto groups = co_await all_objects(call, kGroups.kind);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  Json items = Json::array();
  for (const StoredObject& group : *groups)
    if (ids.contains(group.id)) items.push_back(resource_view(call, kGroups, group));
  co_return Answer{200, list_body(call, "groups", std::move(items))};
}

constexpr Service kKeystone = Service::kIdentity;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {kKeystone, "GET", "/v3/groups", kAdmin, "identity:list_groups", &list},
    {kKeystone, "POST", "/v3/groups", kAdmin, "identity:create_group", &create},
    {kKeystone, "GET", "/v3/groups/{group}", kAdmin, "identity:get_group", &show},
    {kKeystone, "PATCH", "/v3/groups/{group}", kAdmin, "identity:update_group", &update},
    {kKeystone, "DELETE", "/v3/groups/{group}", kAdmin, "identity:delete_group", &remove},
    {kKeystone, "GET", "/v3/groups/{group}/users", kAdmin, "identity:list_users_in_group", &list_users},
    {kKeystone, "PUT", "/v3/groups/{group}/users/{user}", kAdmin, "identity:add_user_to_group", &add_user},
    {kKeystone, "GET", "/v3/groups/{group}/users/{user}", kAdmin, "identity:check_user_in_group", &check_user},
    {kKeystone, "DELETE", "/v3/groups/{group}/users/{user}", kAdmin, "identity:remove_user_from_group", &remove_user},
    any_token("GET", "/v3/users/{user}/groups", "identity:list_groups_for_user", &list_groups_of_user),
};

}  // namespace

std::span<const Route> group_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
