// Keystone: roles, and which role includes which.
#include "api-server/front/openstack/identity/roles.h"

#include <fmt/format.h>

#include <map>

#include "api-server/front/openstack/identity/extras.h"
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/grants.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/routes.h"

namespace kilonova::api::openstack {
namespace {

// "PRIOR-IMPLIED"
constexpr std::string_view kInferences = "role-inference";

std::vector<StoredObject> own_roles(const Call&) {
  std::vector<StoredObject> roles;
  for (UserRole role : kRoles)
    roles.push_back({.id = role_id(role),
                     .unique_name = "/" + std::string(to_string(role)),
                     .body = {{"name", to_string(role)},
                              {"domain_id", nullptr},
                              {"description", nullptr},
                              {"options", {{"immutable", true}}}}});
  return roles;
}

std::vector<Property> role_properties() {
  return {{"name", keystone_name(), true},
          {"description", null_or(text())},
          {"domain_id", null_or(text())},
          {"options", map_of(anything())}};
}

void complete_role(const Call&, Json& body) {
  Json whole{{"name", body["name"]}, {"domain_id", nullptr}, {"description", nullptr}, {"options", Json::object()}};
  for (const auto& [key, value] : body.items()) whole[key] = value;
  body = std::move(whole);
}

Task<Checked> check_role(Call& call, const Json& body, const Json& before) {
  if (!before.is_null() && before["domain_id"] != body["domain_id"]) co_return refused(400, "Cannot change Domain ID");
  if (body["domain_id"].is_null()) co_return Checked();
  auto domain = co_await domain_of_body(call, body, 404);
  if (!domain) co_return std::unexpected(std::move(domain.error()));
  co_return Checked();
}

Task<Checked> drop_grants(Call& call, const Json&) { return drop_grants_of(call, call.in_path("role")); }

std::string name_in_domain(const Json& body) { return text_at(body, "domain_id") + "/" + text_at(body, "name"); }

// Without a domain asked for, the roles that are in none.
Task<Answered> list(Call& call) {
  auto roles = co_await list_resources(call, kRoleResource, {"name", "domain_id"});
  if (!roles || call.in_query("domain_id") != nullptr) co_return roles;
  Json shown = Json::array();
  for (Json& role : roles->body["roles"])
    if (role["domain_id"].is_null()) shown.push_back(std::move(role));
  roles->body["roles"] = std::move(shown);
  co_return roles;
}
Task<Answered> show(Call& call) { return show_resource(call, kRoleResource, "role"); }
Task<Answered> create(Call& call) { return create_resource(call, kRoleResource); }
Task<Answered> update(Call& call) { return update_resource(call, kRoleResource, "role"); }
Task<Answered> remove(Call& call) { return delete_resource(call, kRoleResource, "role"); }

// ---- which role includes which

Json short_view(const Call& call, const StoredObject& role) {
  return {{"id", role.id}, {"name", role.body["name"]}, {"links", self_link(call, "roles", role.id)}};
}

Task<std::expected<Json, Refusal>> inference_of(Call& call, const StoredObject& prior,
                                                const std::vector<std::string>& implied) {
  Json implies = Json::array();
  for (const std::string& id : implied) {
    auto role = co_await find_role(call, id);
    if (!role && role.error().status == 404) continue;
    if (!role) co_return std::unexpected(std::move(role.error()));
    implies.push_back(short_view(call, *role));
  }
  co_return Json{{"prior_role", short_view(call, prior)}, {"implies", std::move(implies)}};
}

Json self_of(const Call& call) { return {{"self", call.base + call.target.raw_path}}; }

Task<Answered> list_implied(Call& call) {
  auto prior = co_await find_role(call, call.in_path("role"));
  if (!prior) co_return std::unexpected(std::move(prior.error()));
  auto all = co_await all_inferences(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  auto inference = co_await inference_of(call, *prior, (*all)[prior->id]);
  if (!inference) co_return std::unexpected(std::move(inference.error()));
  co_return Answer{200, {{"role_inference", std::move(*inference)}, {"links", self_of(call)}}};
}

Task<Answered> list_inferences(Call& call) {
  auto all = co_await all_inferences(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  Json shown = Json::array();
  for (const auto& [id, implied] : *all) {
    auto prior = co_await find_role(call, id);
    if (!prior && prior.error().status == 404) continue;
    if (!prior) co_return std::unexpected(std::move(prior.error()));
    auto inference = co_await inference_of(call, *prior, implied);
    if (!inference) co_return std::unexpected(std::move(inference.error()));
    shown.push_back(std::move(*inference));
  }
  co_return Answer{200, {{"role_inferences", std::move(shown)}}};
}

struct Pair {
  StoredObject prior;
  StoredObject implied;
};

Task<std::expected<Pair, Refusal>> find_pair(Call& call) {
  auto prior = co_await find_role(call, call.in_path("role"));
  if (!prior) co_return std::unexpected(std::move(prior.error()));
  auto implied = co_await find_role(call, call.in_path("implied"));
  if (!implied) co_return std::unexpected(std::move(implied.error()));
  co_return Pair{std::move(*prior), std::move(*implied)};
}

Answer pair_answer(const Call& call, unsigned status, const Pair& pair) {
  return {
      status,
      {{"role_inference", {{"prior_role", short_view(call, pair.prior)}, {"implies", short_view(call, pair.implied)}}},
       {"links", self_of(call)}}};
}

Task<Answered> put_implied(Call& call) {
  auto pair = co_await find_pair(call);
  if (!pair) co_return std::unexpected(std::move(pair.error()));
  if (pair->implied.id == role_id(UserRole::kAdmin))
    co_return refused(403, fmt::format("{} cannot be an implied roles", pair->implied.id));
  if (pair->prior.body["domain_id"].is_null() && !pair->implied.body["domain_id"].is_null())
    co_return refused(403, "Global role cannot imply a domain-specific role");
  auto put = co_await put_object(call, kInferences, {.id = pair->prior.id + "-" + pair->implied.id});
  if (!put && put.error().status != 409) co_return std::unexpected(std::move(put.error()));
  co_return pair_answer(call, 201, *pair);
}

std::unexpected<Refusal> not_implied(const Pair& pair) {
  return refused(404, fmt::format("{} does not imply {}", pair.prior.id, pair.implied.id));
}

Task<Answered> show_implied(Call& call) {
  auto pair = co_await find_pair(call);
  if (!pair) co_return std::unexpected(std::move(pair.error()));
  auto all = co_await all_inferences(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  const std::vector<std::string>& implied = (*all)[pair->prior.id];
  if (std::ranges::find(implied, pair->implied.id) == implied.end()) co_return not_implied(*pair);
  // Of a HEAD Keystone says 204 here, where it answers all others as the GET.
  if (call.request.method == "HEAD") co_return Answer{204, nullptr};
  co_return pair_answer(call, 200, *pair);
}

Task<Answered> delete_implied(Call& call) {
  auto pair = co_await find_pair(call);
  if (!pair) co_return std::unexpected(std::move(pair.error()));
  auto gone = co_await delete_object(call, kInferences, pair->prior.id + "-" + pair->implied.id);
  if (!gone && gone.error().status == 404) co_return not_implied(*pair);
  if (!gone) co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kKeystone = Service::kIdentity;
constexpr UserRole kAdmin = UserRole::kAdmin;
constexpr std::string_view kImplied = "/v3/roles/{role}/implies/{implied}";

constexpr Route kRoutes[] = {
    {kKeystone, "GET", "/v3/roles", kAdmin, "identity:list_roles", &list},
    {kKeystone, "POST", "/v3/roles", kAdmin, "identity:create_role", &create},
    {kKeystone, "GET", "/v3/roles/{role}", kAdmin, "identity:get_role", &show},
    {kKeystone, "PATCH", "/v3/roles/{role}", kAdmin, "identity:update_role", &update},
    {kKeystone, "DELETE", "/v3/roles/{role}", kAdmin, "identity:delete_role", &remove},
    {kKeystone, "GET", "/v3/roles/{role}/implies", kAdmin, "identity:list_implied_roles", &list_implied},
    {kKeystone, "PUT", kImplied, kAdmin, "identity:create_implied_role", &put_implied},
    {kKeystone, "GET", kImplied, kAdmin, "identity:get_implied_role", &show_implied},
    {kKeystone, "DELETE", kImplied, kAdmin, "identity:delete_implied_role", &delete_implied},
    {kKeystone, "GET", "/v3/role_inferences", kAdmin, "identity:list_role_inference_rules", &list_inferences},
};

}  // namespace

const Resource kRoleResource{.kind = "role",
                             .noun = "role",
                             .collection = "roles",
                             .words = "role",
                             .built_in = &own_roles,
                             .properties = &role_properties,
                             .complete = &complete_role,
                             .check = &check_role,
                             .check_delete = &drop_grants,
                             .unique_name = &name_in_domain};

Task<std::expected<Inferences, Refusal>> all_inferences(Call& call) {
  Inferences all;
  for (size_t i = 1; i < std::size(kRoles); ++i) all[role_id(kRoles[i])].push_back(role_id(kRoles[i - 1]));
  auto objects = co_await all_objects(call, kInferences);
  if (!objects) co_return std::unexpected(std::move(objects.error()));
  for (const StoredObject& object : *objects)
    all[object.id.substr(0, object.id.find('-'))].push_back(object.id.substr(object.id.find('-') + 1));
  co_return all;
}

Task<std::expected<StoredObject, Refusal>> find_role(Call& call, std::string id) {
  for (StoredObject& own : own_roles(call))
    if (own.id == id) co_return std::move(own);
  auto found = co_await find_object(call, kRoleResource.kind, id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return could_not_find("role", id);
  co_return std::move(**found);
}

Task<std::expected<Json, Refusal>> role_reference(Call& call, std::string id) {
  auto role = co_await find_role(call, id);
  if (!role && role.error().status != 404) co_return std::unexpected(std::move(role.error()));
  Json reference{{"id", std::move(id)}};
  if (role) reference["name"] = role->body["name"];
  co_return reference;
}

std::span<const Route> role_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
