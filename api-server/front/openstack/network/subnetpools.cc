#include "api-server/front/openstack/network/subnetpools.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/network/address_scopes.h"
#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/ip_prefixes.h"
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/parts.h"
#include "api-server/front/openstack/network/quotas.h"
#include "api-server/front/openstack/network/rbac.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/records.h"
#include "api-server/front/openstack/schema.h"
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

Json pool_view(const Call& call, const StoredObject& pool) {
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
            {"shared", is_shared_with_caller(call, pool.body)},
            {"is_default", value_or(body, "is_default", false)},
            {"default_quota", value_or(body, "default_quota", nullptr)},
            {"address_scope_id", value_or(body, "address_scope_id", nullptr)},
            {"description", value_or(body, "description", "")}};
  add_standard_tail(view, tags_of(body), pool.created_at, pool.updated_at, pool.revision - 1, pool.owner);
  return view;
}

bool may_see(const Call& call, const StoredObject& pool) {
  return call.is_admin() || pool.owner == to_hex(call.caller.project_id) || is_shared_with_caller(call, pool.body);
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
    if (may_see(call, pool)) items.push_back(pool_view(call, pool));
  co_return neutron_list(
      call, "subnetpools", std::move(items),
      {"id", "name", "tenant_id", "project_id", "ip_version", "shared", "is_default", "description", "address_scope_id",
       "default_prefixlen", "min_prefixlen", "max_prefixlen", "created_at", "updated_at", "revision_number"});
}

Task<Answered> show(Call& call) {
  auto pool = co_await find(call, call.in_path("subnetpool"));
  if (!pool) co_return std::unexpected(std::move(pool.error()));
  co_return neutron_item(call, "subnetpool", pool_view(call, *pool));
}

// One prefix may come as a text. All are of one version.
std::expected<std::vector<IpNetwork>, Refusal> read_prefixes(const Json& said) {
  Json list = said.is_string() ? Json::array({said}) : said;
  if (!list.is_array() || list.empty() || list.size() > kMaxPrefixes)
    return invalid_input("prefixes", "it is no list of subnets.");
  std::vector<IpNetwork> prefixes;
  for (const Json& one : list) {
    std::optional<IpNetwork> network =
        one.is_string() ? parse_ip_network(one.get_ref<const std::string&>()) : std::nullopt;
    if (!network) return invalid_input("prefixes", fmt::format("{} is not a valid IP subnet.", python_repr(one)));
    if (!prefixes.empty() && network->base.version != prefixes.front().base.version)
      return bad_request("PrefixVersionMismatch", "Cannot mix IPv4 and IPv6 prefixes in a subnet pool.");
    prefixes.push_back(*network);
  }
  return compact(std::move(prefixes));
}

std::vector<IpNetwork> prefixes_of(const Json& body) {
  std::vector<IpNetwork> prefixes;
  for (const Json& one : value_or(body, "prefixes", Json::array()))
    if (auto network = parse_ip_network(one.is_string() ? one.get<std::string>() : "")) prefixes.push_back(*network);
  return compact(std::move(prefixes));
}

void put_prefixes(const std::vector<IpNetwork>& prefixes, Json& body) {
  Json texts = Json::array();
  for (IpNetwork one : prefixes) texts.push_back(to_string(one));
  body["prefixes"] = std::move(texts);
}

std::unexpected<Refusal> illegal_prefixes(std::string_view why) {
  return bad_request("IllegalSubnetPoolPrefixUpdate", fmt::format("Illegal update to prefixes: {}", why));
}

std::expected<void, Refusal> take_prefixes(const Json& said, bool is_new, Json& body) {
  auto prefixes = read_prefixes(said);
  if (!prefixes) return std::unexpected(std::move(prefixes.error()));
  if (!is_new)
    for (IpNetwork before : prefixes_of(body))
      if (!is_within(*prefixes, before))
        return illegal_prefixes("Existing prefixes must be a subset of the new prefixes.");
  body["ip_version"] = prefixes->front().base.version;
  put_prefixes(*prefixes, body);
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

// One of each version may be the default one.
Task<Checked> check_default(Call& call, const StoredObject& pool) {
  if (value_or(pool.body, "is_default", false) != true) co_return Checked();
  auto all = co_await all_objects(call, kSubnetPools);
  if (!all) co_return std::unexpected(std::move(all.error()));
  const Json version = value_or(pool.body, "ip_version", 4);
  for (const StoredObject& other : *all)
    if (other.id != pool.id && value_or(other.body, "is_default", false) == true &&
        value_or(other.body, "ip_version", 4) == version)
      co_return bad_request("InvalidInput", fmt::format("Invalid input for operation: A default subnetpool for IPv{} "
                                                        "address family already exists.",
                                                        to_text(version)));
  co_return Checked();
}

Task<std::expected<Json, Refusal>> make(Call& call, const Json& wanted) {
  auto read = read_attributes(call, kForm, wanted, true);
  if (!read) co_return std::unexpected(std::move(read.error()));
  StoredObject pool{.id = new_dashed_id(call), .owner = text_at(*read, "project_id")};
  if (auto good = merge(*read, true, pool.body); !good) co_return std::unexpected(std::move(good.error()));
  if (auto only = co_await check_default(call, pool); !only) co_return std::unexpected(std::move(only.error()));
  if (auto may = co_await check_pools_scope(call, pool); !may) co_return std::unexpected(std::move(may.error()));
  auto all = co_await all_objects(call, kSubnetPools, pool.owner);
  if (!all) co_return std::unexpected(std::move(all.error()));
  if (auto room = co_await check_quota(call, parse_uuid(pool.owner).value_or(Uuid{}), "subnetpool",
                                       static_cast<int64_t>(all->size()));
      !room)
    co_return std::unexpected(std::move(room.error()));
  auto stored = co_await put_object(call, kSubnetPools, std::move(pool));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return pool_view(call, *stored);
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
  if (auto only = co_await check_default(call, *pool); !only) co_return std::unexpected(std::move(only.error()));
  if (auto may = co_await check_pools_scope(call, *pool); !may) co_return std::unexpected(std::move(may.error()));
  auto stored = co_await put_object(call, kSubnetPools, std::move(*pool));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, {{"subnetpool", pool_view(call, *stored)}}};
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
  if (auto gone = co_await forget_rbac_policies(call, pool->id); !gone)
    co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

// PUT subnetpools/ID/add_prefixes and remove_prefixes (extension subnetpool-prefix-ops).
Task<Answered> change_prefixes(Call& call, bool adds) {
  const Json* said = member(call.body, "prefixes");
  if (said == nullptr || !said->is_array())
    co_return bad_request("HTTPBadRequest", "Unable to find 'prefixes' in request body");
  auto prefixes = read_prefixes(*said);
  if (!prefixes) co_return std::unexpected(std::move(prefixes.error()));
  auto pool = co_await find_own(call, adds ? "add_prefixes" : "remove_prefixes");
  if (!pool) co_return std::unexpected(std::move(pool.error()));
  if (prefixes->front().base.version != value_or(pool->body, "ip_version", 4))
    co_return bad_request("PrefixVersionMismatch", "Cannot mix IPv4 and IPv6 prefixes in a subnet pool.");
  std::vector<IpNetwork> all = prefixes_of(pool->body);
  if (adds) {
    all.insert(all.end(), prefixes->begin(), prefixes->end());
    all = compact(std::move(all));
  } else {
    auto subnets = co_await all_stored_subnets(call);
    if (!subnets) co_return std::unexpected(std::move(subnets.error()));
    for (const StoredSubnet& subnet : *subnets)
      if (auto cidr = parse_ip_network(subnet.row.cidr);
          cidr && is_of_pool(subnet, pool->id) && !is_disjoint(*prefixes, {*cidr}))
        co_return illegal_prefixes("One or more the prefixes to be removed is in use by a subnet.");
    all = difference(all, *prefixes);
  }
  if (all.size() > kMaxPrefixes)
    co_return illegal_prefixes(
        fmt::format("The pool would have {} prefixes, and may have {}.", all.size(), kMaxPrefixes));
  put_prefixes(all, pool->body);
  if (auto may = co_await check_pools_scope(call, *pool); !may) co_return std::unexpected(std::move(may.error()));
  auto stored = co_await put_object(call, kSubnetPools, std::move(*pool));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, {{"prefixes", value_or(stored->body, "prefixes", Json::array())}}};
}

Task<Answered> add_prefixes(Call& call) { return change_prefixes(call, true); }
Task<Answered> remove_prefixes(Call& call) { return change_prefixes(call, false); }

// PUT subnetpools/ID/onboard_network_subnets (extension subnet_onboard): the network's subnets of the pool's version
// become the pool's, and their cidrs prefixes of it. Source: neutron/db/db_base_plugin_v2.py.
Task<Answered> onboard(Call& call) {
  const std::string network_id = call.body.is_object() ? text_at(call.body, "network_id") : std::string();
  if (network_id.empty())
    co_return bad_request("InvalidInput", "Invalid input for operation: network_id must be specified.");
  auto pool = co_await find_own(call, "onboard_network_subnets");
  if (!pool) co_return std::unexpected(std::move(pool.error()));
  auto network = co_await find_network(call, network_id);
  if (!network) co_return std::unexpected(std::move(network.error()));
  if (!call.is_admin() && network->row.project_id != call.caller.project_id)
    co_return not_allowed("onboard_network_subnets");
  auto subnets = co_await all_stored_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  std::vector<IpNetwork> prefixes = prefixes_of(pool->body);
  std::vector<StoredSubnet> own;
  for (const StoredSubnet& subnet : *subnets) {
    const std::optional<IpNetwork> cidr = parse_ip_network(subnet.row.cidr);
    const bool is_meant =
        subnet.row.network_id == network->row.id && cidr && cidr->base.version == value_or(pool->body, "ip_version", 4);
    if (!is_meant) continue;
    for (const StoredSubnet& other : *subnets)
      if (auto taken = parse_ip_network(other.row.cidr); taken && is_of_pool(other, pool->id) && overlap(*taken, *cidr))
        co_return bad_request("IllegalSubnetPoolUpdate",
                              fmt::format("Illegal subnetpool update : Onboarding subnet {}: {} conflicts with "
                                          "allocated prefixes in subnet pool {}.",
                                          to_string(subnet.row.id), subnet.row.cidr, pool->id));
    prefixes.push_back(*cidr);
    own.push_back(subnet);
  }
  put_prefixes(compact(std::move(prefixes)), pool->body);
  if (auto may = co_await check_pools_scope(call, *pool); !may) co_return std::unexpected(std::move(may.error()));
  const std::string pool_id = pool->id;
  if (auto stored = co_await put_object(call, kSubnetPools, std::move(*pool)); !stored)
    co_return std::unexpected(std::move(stored.error()));
  Json onboarded = Json::array();
  for (StoredSubnet& subnet : own) {
    subnet.details["subnetpool_id"] = pool_id;
    onboarded.push_back({{"id", to_string(subnet.row.id)}, {"cidr", subnet.row.cidr}});
    if (auto stored = co_await store(call, std::move(subnet)); !stored)
      co_return std::unexpected(std::move(stored.error()));
  }
  co_return Answer{200, std::move(onboarded)};
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
    {kNeutron, "PUT", "/v2.0/subnetpools/{subnetpool}/add_prefixes", UserRole::kMember, "add_prefixes", &add_prefixes},
    {kNeutron, "PUT", "/v2.0/subnetpools/{subnetpool}/onboard_network_subnets", UserRole::kMember,
     "onboard_network_subnets", &onboard},
    {kNeutron, "PUT", "/v2.0/subnetpools/{subnetpool}/remove_prefixes", UserRole::kMember, "remove_prefixes",
     &remove_prefixes},
};

}  // namespace

Task<std::expected<std::string, Refusal>> default_pool(Call& call, int version) {
  auto pools = co_await all_objects(call, kSubnetPools);
  if (!pools) co_return std::unexpected(std::move(pools.error()));
  for (const StoredObject& pool : *pools)
    if (value_or(pool.body, "is_default", false) == true && value_or(pool.body, "ip_version", 4) == version)
      co_return pool.id;
  co_return std::string();
}

// `use_default_subnetpool` becomes the id of that pool.
Task<Checked> name_default_pool(Call& call, Json& subnet) {
  const bool wants = value_or(subnet, "use_default_subnetpool", false) == true;
  subnet.erase("use_default_subnetpool");
  if (!wants) co_return Checked();
  if (!text_at(subnet, "subnetpool_id").empty())
    co_return bad_request("BadRequest",
                          "Bad subnets request: subnetpool_id and use_default_subnetpool cannot both be specified.");
  const int version = static_cast<int>(integer_at(subnet, "ip_version", 0));
  auto pool = co_await default_pool(call, version);
  if (!pool) co_return std::unexpected(std::move(pool.error()));
  if (pool->empty())
    co_return bad_request("BadRequest",
                          fmt::format("Bad subnets request: No default subnetpool found for IPv{}.", version));
  subnet["subnetpool_id"] = std::move(*pool);
  co_return Checked();
}

Task<Checked> take_from_pool(Call& call, Json& subnet) {
  if (auto named = co_await name_default_pool(call, subnet); !named) co_return named;
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
