#include "api-server/front/openstack/network/address_scopes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/rbac.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/network/subnetpools.h"
#include "domain/ip_address.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kScopes = "address-scope";

constexpr Attribute kAttributes[] = {
    {"name", Form::kText},
    {"ip_version", Form::kInteger, When::kCreate, true},
    {"shared", Form::kBoolean, When::kAlways, false, true},
    {"id", Form::kText, When::kNever},
};
constexpr ResourceForm kForm{"address_scope", "address_scopes", kAttributes};

bool is_shared(const StoredObject& scope) { return value_or(scope.body, "shared", false) == true; }

bool is_own(const Call& call, const StoredObject& scope) {
  return call.is_admin() || scope.owner == to_hex(call.caller.project_id);
}

Json scope_view(const Call& call, const StoredObject& scope) {
  return {{"id", scope.id},
          {"name", value_or(scope.body, "name", "")},
          {"tenant_id", scope.owner},
          {"shared", is_shared_with_caller(call, scope.body)},
          {"ip_version", value_or(scope.body, "ip_version", 4)},
          {"project_id", scope.owner}};
}

std::unexpected<Refusal> not_found(std::string_view id) {
  return refused(404, fmt::format("Address scope {} could not be found.", id), "AddressScopeNotFound");
}

Task<std::expected<StoredObject, Refusal>> find(Call& call, std::string id) {
  auto found = co_await find_object(call, kScopes, id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found || !(is_own(call, **found) || is_shared_with_caller(call, (**found).body))) co_return not_found(id);
  co_return std::move(**found);
}

Task<std::expected<StoredObject, Refusal>> find_own(Call& call, std::string_view rule) {
  auto scope = co_await find(call, call.in_path("scope"));
  if (scope && !is_own(call, *scope)) co_return not_allowed(rule);
  co_return scope;
}

Task<Answered> list(Call& call) {
  auto scopes = co_await all_objects(call, kScopes);
  if (!scopes) co_return std::unexpected(std::move(scopes.error()));
  std::vector<Json> items;
  for (const StoredObject& scope : *scopes)
    if (is_own(call, scope) || is_shared_with_caller(call, scope.body)) items.push_back(scope_view(call, scope));
  co_return neutron_list(call, "address_scopes", std::move(items),
                         {"id", "name", "tenant_id", "project_id", "ip_version", "shared"});
}

Task<Answered> show(Call& call) {
  auto scope = co_await find(call, call.in_path("scope"));
  if (!scope) co_return std::unexpected(std::move(scope.error()));
  co_return neutron_item(call, "address_scope", scope_view(call, *scope));
}

Task<std::expected<Json, Refusal>> make(Call& call, const Json& wanted) {
  auto read = read_attributes(call, kForm, wanted, true);
  if (!read) co_return std::unexpected(std::move(read.error()));
  const Json& version = *member(*read, "ip_version");
  if (version != 4 && version != 6)
    co_return invalid_input("ip_version", fmt::format("'{}' is not in [4, 6].", to_text(version)));
  StoredObject scope{.id = new_dashed_id(call), .owner = text_at(*read, "project_id")};
  scope.body = {
      {"name", value_or(*read, "name", "")}, {"ip_version", version}, {"shared", value_or(*read, "shared", false)}};
  auto stored = co_await put_object(call, kScopes, std::move(scope));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return scope_view(call, *stored);
}

Task<Checked> unmake(Call& call, const std::string& id) { return delete_object(call, kScopes, id); }

Task<Answered> create(Call& call) { return create_all(call, kForm, &make, &unmake); }

Task<Answered> update(Call& call) {
  auto wanted = resource_in_body(call, kForm);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto scope = co_await find_own(call, "update_address_scope");
  if (!scope) co_return std::unexpected(std::move(scope.error()));
  auto read = read_attributes(call, kForm, **wanted, false);
  if (!read) co_return std::unexpected(std::move(read.error()));
  if (is_shared(*scope) && value_or(*read, "shared", true) == false)
    co_return bad_request(
        "AddressScopeUpdateError",
        fmt::format("Unable to update address scope {} : Shared address scope can't be unshared.", scope->id));
  for (std::string_view key : {"name", "shared"})
    if (const Json* said = member(*read, key)) scope->body[std::string(key)] = *said;
  auto stored = co_await put_object(call, kScopes, std::move(*scope));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, {{"address_scope", scope_view(call, *stored)}}};
}

Task<Answered> remove(Call& call) {
  auto scope = co_await find_own(call, "delete_address_scope");
  if (!scope) co_return std::unexpected(std::move(scope.error()));
  if (auto wrong = check_if_match(call, scope->revision)) co_return std::unexpected(std::move(*wrong));
  auto pools = co_await all_objects(call, kSubnetPools);
  if (!pools) co_return std::unexpected(std::move(pools.error()));
  for (const auto& [pool, of] : scopes_of(*pools))
    if (of == scope->id)
      co_return refused(409,
                        fmt::format("Unable to complete operation on address scope {}. There are one or more subnet "
                                    "pools in use on the address scope.",
                                    scope->id),
                        "AddressScopeInUse");
  if (auto gone = co_await delete_object(call, kScopes, scope->id); !gone)
    co_return std::unexpected(std::move(gone.error()));
  if (auto gone = co_await forget_rbac_policies(call, scope->id); !gone)
    co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

std::vector<IpNetwork> prefixes_of(const StoredObject& pool) {
  std::vector<IpNetwork> networks;
  for (const Json& prefix : value_or(pool.body, "prefixes", Json::array()))
    if (auto network = parse_ip_network(prefix.is_string() ? prefix.get<std::string>() : ""))
      networks.push_back(*network);
  return networks;
}

bool have_one_in_common(const StoredObject& a, const StoredObject& b) {
  const std::vector<IpNetwork> others = prefixes_of(b);
  return std::ranges::any_of(prefixes_of(a), [&](IpNetwork one) {
    return std::ranges::any_of(others, [&](IpNetwork other) { return overlap(one, other); });
  });
}

constexpr Service kNeutron = Service::kNetwork;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/address-scopes", UserRole::kReader, "get_address_scope", &list},
    {kNeutron, "POST", "/v2.0/address-scopes", UserRole::kMember, "create_address_scope", &create},
    {kNeutron, "GET", "/v2.0/address-scopes/{scope}", UserRole::kReader, "get_address_scope", &show},
    {kNeutron, "PUT", "/v2.0/address-scopes/{scope}", UserRole::kMember, "update_address_scope", &update},
    {kNeutron, "DELETE", "/v2.0/address-scopes/{scope}", UserRole::kMember, "delete_address_scope", &remove},
};

}  // namespace

Task<Checked> check_pools_scope(Call& call, const StoredObject& pool) {
  const std::string id = text_at(pool.body, "address_scope_id");
  if (id.empty()) co_return Checked();
  auto scope = co_await find(call, id);
  if (!scope) co_return std::unexpected(std::move(scope.error()));
  const bool is_shared_pool = value_or(pool.body, "shared", false) == true;
  if (!is_shared(*scope) && (scope->owner != pool.owner || is_shared_pool))
    co_return bad_request("IllegalSubnetPoolAssociationToAddressScope",
                          fmt::format("Illegal subnetpool association: subnetpool {} cannot be associated with address "
                                      "scope {}.",
                                      pool.id, id));
  const Json version = value_or(scope->body, "ip_version", 4);
  if (value_or(pool.body, "ip_version", 4) != version)
    co_return bad_request("IllegalSubnetPoolIpVersionAssociationToAddressScope",
                          fmt::format("Illegal subnetpool association: subnetpool {} cannot associate with address "
                                      "scope {} because subnetpool ip_version is not {}.",
                                      pool.id, id, to_text(version)));
  auto others = co_await all_objects(call, kSubnetPools);
  if (!others) co_return std::unexpected(std::move(others.error()));
  for (const StoredObject& other : *others)
    if (other.id != pool.id && text_at(other.body, "address_scope_id") == id && have_one_in_common(pool, other))
      co_return refused(409,
                        "Failed to associate address scope: subnetpools within an address scope must have unique "
                        "prefixes.",
                        "AddressScopePrefixConflict");
  co_return Checked();
}

std::map<std::string, std::string> scopes_of(const std::vector<StoredObject>& pools) {
  std::map<std::string, std::string> scopes;
  for (const StoredObject& pool : pools)
    if (std::string scope = text_at(pool.body, "address_scope_id"); !scope.empty())
      scopes.emplace(pool.id, std::move(scope));
  return scopes;
}

std::span<const Route> address_scope_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
