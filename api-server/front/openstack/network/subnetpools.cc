#include "api-server/front/openstack/network/subnetpools.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/network/address_scopes.h"
#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/parts.h"
#include "api-server/front/openstack/network/quotas.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/records.h"
#include "domain/ip_address.h"

namespace kilonova::api::openstack {
namespace {

constexpr size_t kMaxPrefixes = 100;

constexpr Attribute kAttributes[] = {
    {"name", Form::kText, When::kAlways, true},
    {"prefixes", Form::kAnything, When::kAlways, true},
    {"description", Form::kText},
    {"default_prefixlen", Form::kInteger},
    {"min_prefixlen", Form::kInteger},
    {"max_prefixlen", Form::kInteger},
    {"default_quota", Form::kAnything},
    {"address_scope_id", Form::kUuidOrNull},
    {"is_default", Form::kBoolean, When::kAlways, false, true},
    {"shared", Form::kBoolean, When::kCreate, false, true},
    {"id", Form::kText, When::kNever},
    {"ip_version", Form::kInteger, When::kNever},
    {"revision_number", Form::kInteger, When::kNever},
    {"created_at", Form::kText, When::kNever},
    {"updated_at", Form::kText, When::kNever},
};
constexpr ResourceForm kForm{"subnetpool", "subnetpools", kAttributes};

Json pool_view(const StoredObject& pool) {
  const Json& body = pool.body;
  bool is_6 = value_or(body, "ip_version", 4) == 6;
  auto length = [&](std::string_view key, int otherwise) { return to_text(value_or(body, key, otherwise)); };
  Json view{{"id", pool.id},
            {"name", value_or(body, "name", "")},
            {"tenant_id", pool.owner},
            {"prefixes", value_or(body, "prefixes", Json::array())},
            {"default_prefixlen", length("default_prefixlen", is_6 ? 64 : 8)},
            {"min_prefixlen", length("min_prefixlen", is_6 ? 64 : 8)},
            {"max_prefixlen", length("max_prefixlen", is_6 ? 128 : 32)},
            {"ip_version", is_6 ? 6 : 4},
            {"shared", value_or(body, "shared", false)},
            {"is_default", value_or(body, "is_default", false)},
            {"default_quota", value_or(body, "default_quota", nullptr)},
            {"address_scope_id", value_or(body, "address_scope_id", nullptr)},
            {"description", value_or(body, "description", "")}};
  add_standard_tail(view, tags_of(body), pool.created_at, pool.updated_at, pool.revision - 1, pool.owner);
  return view;
}

bool may_see(const Call& call, const StoredObject& pool) {
  return call.is_admin() || pool.owner == to_hex(call.caller.project_id) ||
         value_or(pool.body, "shared", false) == true;
}

Task<std::expected<StoredObject, Refusal>> find(Call& call, std::string id) {
  auto found = co_await find_object(call, kSubnetPools, id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found || !may_see(call, **found))
    co_return refused(404, fmt::format("Subnet pool {} could not be found.", id), "SubnetPoolNotFound");
  co_return std::move(**found);
}

Task<Answered> list(Call& call) {
  auto pools = co_await all_objects(call, kSubnetPools);
  if (!pools) co_return std::unexpected(std::move(pools.error()));
  std::vector<Json> items;
  for (const StoredObject& pool : *pools)
    if (may_see(call, pool)) items.push_back(pool_view(pool));
  co_return neutron_list(
      call, "subnetpools", std::move(items),
      {"id", "name", "tenant_id", "project_id", "ip_version", "shared", "is_default", "description", "address_scope_id",
       "default_prefixlen", "min_prefixlen", "max_prefixlen", "created_at", "updated_at", "revision_number"});
}

Task<Answered> show(Call& call) {
  auto pool = co_await find(call, call.in_path("subnetpool"));
  if (!pool) co_return std::unexpected(std::move(pool.error()));
  co_return neutron_item(call, "subnetpool", pool_view(*pool));
}

// One prefix may come as a text.
std::expected<void, Refusal> take_prefixes(const Json& said, bool is_new, Json& body) {
  Json list = said.is_string() ? Json::array({said}) : said;
  if (!list.is_array() || list.empty() || list.size() > kMaxPrefixes)
    return invalid_input("prefixes", "it is no list of subnets.");
  Json prefixes = Json::array();
  uint8_t version = 0;
  for (const Json& one : list) {
    std::optional<IpNetwork> network =
        one.is_string() ? parse_ip_network(one.get_ref<const std::string&>()) : std::nullopt;
    if (!network) return invalid_input("prefixes", fmt::format("{} is not a valid IP subnet.", python_repr(one)));
    if (version != 0 && network->base.version != version)
      return bad_request("PrefixVersionMismatch", "Cannot mix IPv4 and IPv6 prefixes in a subnet pool.");
    version = network->base.version;
    prefixes.push_back(to_string(*network));
  }
  if (!is_new)
    for (const Json& before : value_or(body, "prefixes", Json::array()))
      if (std::ranges::find(prefixes, before) == prefixes.end())
        return bad_request("IllegalSubnetPoolPrefixUpdate",
                           "Illegal update to prefixes: Existing prefixes must be a subset of the new prefixes.");
  body["prefixes"] = std::move(prefixes);
  body["ip_version"] = version;
  return {};
}

std::expected<void, Refusal> merge(const Json& read, bool is_new, Json& body) {
  if (const Json* said = member(read, "prefixes"))
    if (auto good = take_prefixes(*said, is_new, body); !good) return good;
  for (std::string_view key : {"name", "description", "default_prefixlen", "min_prefixlen", "max_prefixlen", "shared",
                               "default_quota", "address_scope_id", "is_default"})
    if (const Json* said = member(read, key)) body[std::string(key)] = *said;
  bool is_6 = value_or(body, "ip_version", 4) == 6;
  int64_t most = is_6 ? 128 : 32;
  for (std::string_view key : {"default_prefixlen", "min_prefixlen", "max_prefixlen"}) {
    Json length = value_or(body, key, is_6 ? 64 : 8);
    if (!length.is_number_integer() || length < 0 || length > most)
      return invalid_input(key, fmt::format("'{}' is not in valid range.", to_text(length)));
  }
  Json least = value_or(body, "min_prefixlen", is_6 ? 64 : 8);
  if (least > value_or(body, "max_prefixlen", most))
    return bad_request("IllegalSubnetPoolPrefixBounds", "Illegal prefix bounds: min_prefixlen is above max_prefixlen.");
  if (member(body, "default_prefixlen") == nullptr) body["default_prefixlen"] = least;
  return {};
}

Task<std::expected<Json, Refusal>> make(Call& call, const Json& wanted) {
  auto read = read_attributes(call, kForm, wanted, true);
  if (!read) co_return std::unexpected(std::move(read.error()));
  StoredObject pool{.id = new_dashed_id(call), .owner = text_at(*read, "project_id")};
  if (auto good = merge(*read, true, pool.body); !good) co_return std::unexpected(std::move(good.error()));
  if (auto may = co_await check_pools_scope(call, pool); !may) co_return std::unexpected(std::move(may.error()));
  auto all = co_await all_objects(call, kSubnetPools, pool.owner);
  if (!all) co_return std::unexpected(std::move(all.error()));
  if (auto room = co_await check_quota(call, parse_uuid(pool.owner).value_or(Uuid{}), "subnetpool",
                                       static_cast<int64_t>(all->size()));
      !room)
    co_return std::unexpected(std::move(room.error()));
  auto stored = co_await put_object(call, kSubnetPools, std::move(pool));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return pool_view(*stored);
}

Task<Checked> unmake(Call& call, const std::string& id) { return delete_object(call, kSubnetPools, id); }

Task<Answered> create(Call& call) { return create_all(call, kForm, &make, &unmake); }

Task<std::expected<StoredObject, Refusal>> find_own(Call& call, std::string_view rule) {
  auto pool = co_await find(call, call.in_path("subnetpool"));
  if (!pool) co_return std::unexpected(std::move(pool.error()));
  if (!call.is_admin() && pool->owner != to_hex(call.caller.project_id)) co_return not_allowed(rule);
  co_return pool;
}

Task<Answered> update(Call& call) {
  auto wanted = resource_in_body(call, kForm);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto pool = co_await find_own(call, "update_subnetpool");
  if (!pool) co_return std::unexpected(std::move(pool.error()));
  auto read = read_attributes(call, kForm, **wanted, false);
  if (!read) co_return std::unexpected(std::move(read.error()));
  if (auto good = merge(*read, false, pool->body); !good) co_return std::unexpected(std::move(good.error()));
  if (auto may = co_await check_pools_scope(call, *pool); !may) co_return std::unexpected(std::move(may.error()));
  auto stored = co_await put_object(call, kSubnetPools, std::move(*pool));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, {{"subnetpool", pool_view(*stored)}}};
}

bool is_of_pool(const StoredSubnet& subnet, const std::string& pool) {
  return text_at(subnet.details, "subnetpool_id") == pool;
}

Task<Answered> remove(Call& call) {
  auto pool = co_await find_own(call, "delete_subnetpool");
  if (!pool) co_return std::unexpected(std::move(pool.error()));
  auto subnets = co_await all_stored_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  if (std::ranges::any_of(*subnets, [&](const StoredSubnet& subnet) { return is_of_pool(subnet, pool->id); }))
    co_return bad_request("SubnetPoolDeleteError",
                          "Unable to delete subnet pool: Subnet pool has existing allocations.");
  if (auto gone = co_await delete_object(call, kSubnetPools, pool->id); !gone)
    co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

// The first stretch of this length that no other overlaps. Each one in the way is stepped over.
std::optional<IpNetwork> free_stretch(IpNetwork prefix, uint8_t length, const std::vector<IpNetwork>& taken) {
  if (length < prefix.prefix) return std::nullopt;
  IpNetwork candidate{first_of(prefix), length};
  while (contains(prefix, candidate.base)) {
    auto in_the_way = std::ranges::find_if(taken, [&](IpNetwork other) { return overlap(other, candidate); });
    if (in_the_way == taken.end()) return candidate;
    IpAddress last = std::max(last_of(*in_the_way), last_of(candidate));
    IpAddress next = plus(last, 1);
    if (next <= last) return std::nullopt;
    candidate.base = next;
    candidate.base = first_of(candidate);
  }
  return std::nullopt;
}

constexpr Service kNeutron = Service::kNetwork;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/subnetpools", UserRole::kReader, "get_subnetpool", &list},
    {kNeutron, "POST", "/v2.0/subnetpools", UserRole::kMember, "create_subnetpool", &create},
    {kNeutron, "GET", "/v2.0/subnetpools/{subnetpool}", UserRole::kReader, "get_subnetpool", &show},
    {kNeutron, "PUT", "/v2.0/subnetpools/{subnetpool}", UserRole::kMember, "update_subnetpool", &update},
    {kNeutron, "DELETE", "/v2.0/subnetpools/{subnetpool}", UserRole::kMember, "delete_subnetpool", &remove},
};

}  // namespace

Task<Checked> take_from_pool(Call& call, Json& subnet) {
  std::string id = text_at(subnet, "subnetpool_id");
  if (id.empty()) {
    if (member(subnet, "cidr") == nullptr)
      co_return bad_request("BadRequest",
                            "Bad subnets request: a subnetpool must be specified in the absence of a cidr.");
    co_return Checked();
  }
  auto pool = co_await find(call, id);
  if (!pool) co_return std::unexpected(std::move(pool.error()));
  Json version = value_or(subnet, "ip_version", nullptr);
  if (version != value_or(pool->body, "ip_version", 4))
    co_return bad_request("BadRequest", "Bad subnets request: ip_version does not match that of the subnet pool.");
  if (member(subnet, "cidr") != nullptr) co_return Checked();
  Json length = value_or(subnet, "prefixlen", value_or(pool->body, "default_prefixlen", version == 6 ? 64 : 8));
  if (length < value_or(pool->body, "min_prefixlen", version == 6 ? 64 : 8))
    co_return bad_request("MinPrefixSubnetAllocationError",
                          "Unable to allocate subnet: the prefix is below the pool's least.");
  if (length > value_or(pool->body, "max_prefixlen", version == 6 ? 128 : 32))
    co_return bad_request("MaxPrefixSubnetAllocationError",
                          "Unable to allocate subnet: the prefix is above the pool's most.");
  auto subnets = co_await all_stored_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  std::vector<IpNetwork> taken;
  for (const StoredSubnet& other : *subnets)
    if (std::optional<IpNetwork> network = parse_ip_network(other.row.cidr); network && is_of_pool(other, id))
      taken.push_back(*network);
  for (const Json& prefix : value_or(pool->body, "prefixes", Json::array())) {
    std::optional<IpNetwork> whole = parse_ip_network(prefix.is_string() ? prefix.get<std::string>() : "");
    std::optional<IpNetwork> cut = whole ? free_stretch(*whole, length.get<uint8_t>(), taken) : std::nullopt;
    if (!cut) continue;
    subnet["cidr"] = to_string(*cut);
    co_return Checked();
  }
  co_return refused(500, "Failed to allocate subnet: Insufficient prefix space to allocate subnet size.",
                    "SubnetAllocationError");
}

std::span<const Route> subnetpool_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
