// Neutron: subnets.
#include "api-server/front/openstack/network/subnets.h"

#include <fmt/format.h>

#include <algorithm>

#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/quotas.h"
#include "api-server/front/openstack/network/rbac.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/network/subnetpools.h"
#include "domain/ip_address.h"

namespace kilonova::api::openstack {
namespace {

constexpr Attribute kAttributes[] = {
    {"network_id", Form::kUuid, When::kCreate, true},
    {"ip_version", Form::kInteger, When::kCreate, true},
    {"cidr", Form::kText, When::kCreate},
    {"subnetpool_id", Form::kUuidOrNull, When::kCreate},
    {"use_default_subnetpool", Form::kBoolean, When::kCreate},
    {"prefixlen", Form::kInteger, When::kCreate},
    {"name", Form::kText},
    {"description", Form::kText},
    {"enable_dhcp", Form::kBoolean},
    {"gateway_ip", Form::kTextOrNull},
    {"allocation_pools", Form::kListOrNull},
    {"dns_nameservers", Form::kList},
    {"host_routes", Form::kList},
    {"ipv6_ra_mode", Form::kTextOrNull, When::kCreate},
    {"ipv6_address_mode", Form::kTextOrNull, When::kCreate},
    {"service_types", Form::kList, When::kAlways, false, true},
    {"id", Form::kText, When::kNever},
    {"revision_number", Form::kInteger, When::kNever},
    {"created_at", Form::kText, When::kNever},
    {"updated_at", Form::kText, When::kNever},
};
constexpr ResourceForm kForm{"subnet", "subnets", kAttributes};

Json subnet_view(const StoredSubnet& stored) {
  const Subnet& subnet = stored.row;
  const Json& details = stored.details;
  std::string project = to_hex(subnet.project_id);
  Json pools = Json::array();
  for (const AddressRange& pool : subnet.pools) pools.push_back({{"start", pool.first}, {"end", pool.last}});
  Json view{{"id", to_string(subnet.id)},
            {"name", value_or(details, "name", "")},
            {"tenant_id", project},
            {"network_id", to_string(subnet.network_id)},
            {"ip_version", parse_ip_network(subnet.cidr).value_or(IpNetwork{}).base.version},
            {"subnetpool_id", value_or(details, "subnetpool_id", nullptr)},
            {"enable_dhcp", value_or(details, "enable_dhcp", true)},
            {"ipv6_ra_mode", value_or(details, "ipv6_ra_mode", nullptr)},
            {"ipv6_address_mode", value_or(details, "ipv6_address_mode", nullptr)},
            {"gateway_ip", or_null(subnet.gateway)},
            {"cidr", subnet.cidr},
            {"allocation_pools", std::move(pools)},
            {"host_routes", value_or(details, "host_routes", Json::array())},
            {"dns_nameservers", value_or(details, "dns_nameservers", Json::array())},
            {"description", value_or(details, "description", "")},
            {"service_types", value_or(details, "service_types", Json::array())}};
  add_standard_tail(view, tags_of(details), subnet.created_at, subnet.updated_at, subnet.revision - 1, project);
  return view;
}

// One that was made with its network has no name of its own.
void name_after(const Network& network, StoredSubnet& subnet) {
  if (member(subnet.details, "name") == nullptr) subnet.details["name"] = network.name + "-subnet";
}

// Own ones, and those of networks that are the caller's or shared; not those of a network that is external alone.
bool may_see(const Call& call, const Subnet& subnet, const StoredNetwork& network) {
  return call.is_admin() || network.row.shared || subnet.project_id == call.caller.project_id ||
         network.row.project_id == call.caller.project_id || is_shared_with_caller(call, network.details);
}

Task<Answered> list(Call& call) {
  auto networks = co_await all_stored_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  auto subnets = co_await all_stored_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  std::vector<Json> items;
  for (StoredSubnet& subnet : *subnets) {
    auto at = std::ranges::find_if(
        *networks, [&](const StoredNetwork& network) { return network.row.id == subnet.row.network_id; });
    if (at == networks->end() || !may_see(call, subnet.row, *at)) continue;
    name_after(at->row, subnet);
    items.push_back(subnet_view(subnet));
  }
  co_return neutron_list(call, "subnets", std::move(items),
                         {"id", "name", "tenant_id", "project_id", "network_id", "ip_version", "cidr", "gateway_ip",
                          "enable_dhcp", "description", "subnetpool_id", "ipv6_ra_mode", "ipv6_address_mode",
                          "service_types", "created_at", "updated_at", "revision_number"});
}

Task<Answered> show(Call& call) {
  auto subnet = co_await find_subnet(call, call.in_path("subnet"));
  if (!subnet) co_return std::unexpected(std::move(subnet.error()));
  co_return neutron_item(call, "subnet", subnet_view(*subnet));
}

Task<Checked> unmake(Call& call, const std::string& id) {
  co_return co_await delete_part(call, "subnet", parse_uuid(id).value_or(Uuid{}));
}

Task<Answered> create(Call& call) { return create_all(call, kForm, &make_subnet, &unmake); }

Task<std::expected<StoredSubnet, Refusal>> find_own(Call& call, std::string_view rule) {
  auto subnet = co_await find_subnet(call, call.in_path("subnet"));
  if (!subnet) co_return std::unexpected(std::move(subnet.error()));
  if (call.is_admin() || subnet->row.project_id == call.caller.project_id) co_return subnet;
  auto network = co_await find_stored_network(call, subnet->row.network_id);
  if (!network) co_return std::unexpected(std::move(network.error()));
  if (!*network || (*network)->row.project_id != call.caller.project_id) co_return not_allowed(rule);
  co_return subnet;
}

// A gateway that a router's port has stays.
Task<Checked> check_gateway_free(Call& call, const StoredSubnet& subnet, std::string before) {
  if (before.empty() || before == subnet.row.gateway) co_return Checked();
  auto ports = co_await all_stored_ports(call, subnet.row.network_id);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  for (const StoredPort& port : *ports)
    for (const FixedIp& fixed : port.row.fixed_ips)
      if (fixed.ip == before && port.row.device_owner.starts_with("network:router_interface"))
        co_return refused(409,
                          fmt::format("Current gateway ip {} already in use by port {}. Unable to update.", before,
                                      to_string(port.row.id)),
                          "GatewayIpInUse");
  co_return Checked();
}

Task<Answered> update(Call& call) {
  auto wanted = resource_in_body(call, kForm);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto subnet = co_await find_own(call, "update_subnet");
  if (!subnet) co_return std::unexpected(std::move(subnet.error()));
  auto read = read_attributes(call, kForm, **wanted, false);
  if (!read) co_return std::unexpected(std::move(read.error()));
  if (auto wrong = check_if_match(call, subnet->row.revision - 1)) co_return std::unexpected(std::move(*wrong));
  std::string gateway = subnet->row.gateway;
  if (Checked good = merge_subnet(*read, false, *subnet); !good) co_return std::unexpected(std::move(good.error()));
  if (Checked good = co_await check_gateway_free(call, *subnet, gateway); !good)
    co_return std::unexpected(std::move(good.error()));
  auto stored = co_await store(call, std::move(*subnet));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, {{"subnet", subnet_view(*stored)}}};
}

Task<Answered> remove(Call& call) {
  auto subnet = co_await find_own(call, "delete_subnet");
  if (!subnet) co_return std::unexpected(std::move(subnet.error()));
  if (auto wrong = check_if_match(call, subnet->row.revision - 1)) co_return std::unexpected(std::move(*wrong));
  if (auto gone = co_await delete_part(call, "subnet", subnet->row.id); !gone)
    co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNeutron = Service::kNetwork;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/subnets", UserRole::kReader, "get_subnet", &list},
    {kNeutron, "POST", "/v2.0/subnets", UserRole::kMember, "create_subnet", &create},
    {kNeutron, "GET", "/v2.0/subnets/{subnet}", UserRole::kReader, "get_subnet", &show},
    {kNeutron, "PUT", "/v2.0/subnets/{subnet}", UserRole::kMember, "update_subnet", &update},
    {kNeutron, "DELETE", "/v2.0/subnets/{subnet}", UserRole::kMember, "delete_subnet", &remove},
};

}  // namespace

Task<std::expected<StoredSubnet, Refusal>> find_subnet(Call& call, std::string id) {
  auto found = co_await find_stored_subnet(call, parse_uuid(id).value_or(Uuid{}));
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return neutron_not_found("Subnet", id);
  auto network = co_await find_stored_network(call, (*found)->row.network_id);
  if (!network) co_return std::unexpected(std::move(network.error()));
  if (!*network || !may_see(call, (*found)->row, **network)) co_return neutron_not_found("Subnet", id);
  name_after((*network)->row, **found);
  co_return std::move(**found);
}

Task<std::expected<Json, Refusal>> make_subnet(Call& call, const Json& wanted) {
  auto read = read_attributes(call, kForm, wanted, true);
  if (!read) co_return std::unexpected(std::move(read.error()));
  auto network = co_await find_network(call, text_at(*read, "network_id"));
  if (!network) co_return std::unexpected(std::move(network.error()));
  if (!call.is_admin() && network->row.project_id != call.caller.project_id) co_return not_allowed("create_subnet");
  if (auto cut = co_await take_from_pool(call, *read); !cut) co_return std::unexpected(std::move(cut.error()));
  StoredSubnet subnet;
  subnet.details["name"] = "";
  subnet.row.id = call.core.new_uuid();
  subnet.row.network_id = network->row.id;
  subnet.row.project_id = parse_uuid(text_at(*read, "project_id")).value_or(Uuid{});
  if (Checked good = merge_subnet(*read, true, subnet); !good) co_return std::unexpected(std::move(good.error()));
  auto all = co_await all_stored_subnets(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  auto own =
      std::ranges::count_if(*all, [&](const StoredSubnet& one) { return one.row.project_id == subnet.row.project_id; });
  if (auto room = co_await check_quota(call, subnet.row.project_id, "subnet", own); !room)
    co_return std::unexpected(std::move(room.error()));
  auto stored = co_await store(call, std::move(subnet));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return subnet_view(*stored);
}

std::span<const Route> subnet_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
