// What Neutron asks of a subnet before it looks at its network.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/subnets.h"
#include "domain/ip_address.h"
#include "domain/subnet_rules.h"

namespace kilonova::api::openstack {
namespace {

constexpr size_t kMaxDnsServers = 5;
constexpr size_t kMaxHostRoutes = 20;

std::unexpected<Refusal> invalid_operation(std::string_view why) {
  return bad_request("InvalidInput", fmt::format("Invalid input for operation: {}.", why));
}

std::optional<IpAddress> address_of(const Json& value) {
  return value.is_string() ? parse_ip(value.get_ref<const std::string&>()) : std::nullopt;
}

Checked check_dns(const Json& servers) {
  if (servers.size() > kMaxDnsServers)
    return bad_request("DNSNameServersExhausted",
                       "Unable to complete operation for subnet. The number of DNS "
                       "nameservers exceeds the limit 5.");
  for (const Json& server : servers)
    if (!address_of(server))
      return invalid_input("dns_nameservers", fmt::format("{} is not a valid IP address.", python_repr(server)));
  for (size_t i = 0; i < servers.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (servers[i] == servers[j])
        return invalid_input("dns_nameservers",
                             fmt::format("Duplicate nameserver '{}'.", servers[i].get_ref<const std::string&>()));
  return {};
}

Checked check_routes(const Json& routes, uint8_t version) {
  if (routes.size() > kMaxHostRoutes)
    return bad_request("HostRoutesExhausted",
                       "Unable to complete operation for subnet. The number of host routes "
                       "exceeds the limit 20.");
  for (const Json& route : routes) {
    std::optional<IpNetwork> destination = parse_ip_network(text_at(route, "destination"));
    const Json* hop = member(route, "nexthop");
    std::optional<IpAddress> nexthop = hop == nullptr ? std::nullopt : address_of(*hop);
    if (!destination || !nexthop)
      return invalid_input("host_routes", fmt::format("{} is no route.", python_repr(route)));
    if (destination->base.version != version || nexthop->version != version)
      return invalid_operation("host_routes must be of the subnet's ip_version");
  }
  return {};
}

std::expected<std::vector<AddressRange>, Refusal> pools_of(const Json& pools, IpNetwork network) {
  std::vector<AddressRange> ranges;
  if (pools.size() > kMaxPools) return invalid_input("allocation_pools", "there are too many.");
  for (const Json& pool : pools) {
    std::optional<IpAddress> start = parse_ip(text_at(pool, "start")), end = parse_ip(text_at(pool, "end"));
    if (!start || !end) return invalid_input("allocation_pools", fmt::format("{} is no pool.", python_repr(pool)));
    if (start->version != network.base.version || end->version != network.base.version || *end < *start)
      return bad_request("InvalidAllocationPool",
                         fmt::format("The allocation pool {}-{} is not valid.", to_string(*start), to_string(*end)));
    if (!contains(network, *start) || !contains(network, *end))
      return bad_request("OutOfBoundsAllocationPool",
                         fmt::format("The allocation pool {}-{} spans beyond the subnet cidr {}.", to_string(*start),
                                     to_string(*end), to_string(network)));
    ranges.push_back({to_string(*start), to_string(*end)});
  }
  return ranges;
}

// Which of a version's modes go together. Source: neutron/db/ipam_backend_mixin.py, _validate_eui64_applicable and
// neutron/db/db_base_plugin_v2.py, _validate_ipv6_attributes.
Checked check_modes(const Json& details, IpNetwork network, Subnet& row) {
  Json ra = value_or(details, "ipv6_ra_mode", nullptr), address = value_or(details, "ipv6_address_mode", nullptr);
  if (ra.is_null() && address.is_null()) {
    row.automatic = false;
    return {};
  }
  for (const auto& [name, mode] : {std::pair("ipv6_ra_mode", &ra), std::pair("ipv6_address_mode", &address)}) {
    bool is_known = mode->is_null() || *mode == "slaac" || *mode == "dhcpv6-stateful" || *mode == "dhcpv6-stateless";
    if (!is_known)
      return invalid_input(
          name, fmt::format("{} is not in ('dhcpv6-stateful', 'dhcpv6-stateless', 'slaac').", python_repr(*mode)));
  }
  if (network.base.version == 4)
    return invalid_operation("ipv6_ra_mode and ipv6_address_mode are not valid when ip_version is 4");
  if (value_or(details, "enable_dhcp", true) == false)
    return invalid_operation("ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False");
  if (!ra.is_null() && !address.is_null() && ra != address)
    return invalid_operation(
        fmt::format("ipv6_ra_mode set to '{}' with ipv6_address_mode set to '{}' is not valid. If "
                    "both attributes are set, they must be the same value",
                    ra.get<std::string>(), address.get<std::string>()));
  const Json& mode = address.is_null() ? ra : address;
  row.automatic = mode != "dhcpv6-stateful";
  if (row.automatic && network.prefix != 64)
    return invalid_operation(
        fmt::format("Invalid CIDR {} for IPv6 address mode. OpenStack uses the EUI-64 address "
                    "format, which requires the prefix to be /64",
                    to_string(network)));
  return {};
}

Checked check_cidr(IpNetwork network, const Json& details) {
  if (network.prefix == 0) return invalid_operation("0 is not allowed as CIDR prefix length");
  bool is_4 = network.base.version == 4;
  uint64_t first_byte = is_4 ? network.base.low >> 24 : network.base.high >> 56;
  if (is_4 && network.prefix < 2) return invalid_operation("the CIDR is too large");
  if (value_or(details, "enable_dhcp", true) == false) return {};
  if (network.prefix >= (is_4 ? 31 : 127))
    return invalid_operation("Subnet has a prefix length that is incompatible with DHCP service enabled");
  bool is_multicast = is_4 ? first_byte >= 224 && first_byte < 240 : first_byte == 0xff;
  bool is_loopback = is_4 ? first_byte == 127 : network.base.high == 0 && network.base.low == 1;
  if (is_multicast) return invalid_operation("Multicast IP subnet is not supported if enable_dhcp is True");
  if (is_loopback) return invalid_operation("Loopback IP subnet is not supported if enable_dhcp is True");
  if (is_4 && first_byte == 0) return invalid_operation("First IP '0.0.0.0' of the subnet is not valid");
  return {};
}

// Null: none; not said of a new one: the first address.
Checked take_gateway(const Json& wanted, bool is_new, IpNetwork network, Subnet& row) {
  const Json* said = member(wanted, "gateway_ip");
  if (said == nullptr) {
    if (!is_new) return {};
    unsigned hosts = (network.base.version == 4 ? 32u : 128u) - network.prefix;
    row.gateway = to_string(hosts == 0 ? network.base : plus(network.base, 1));
    return {};
  }
  if (said->is_null() || *said == "") {
    row.gateway.clear();
    return {};
  }
  std::optional<IpAddress> gateway = address_of(*said);
  if (!gateway) return invalid_input("gateway_ip", fmt::format("{} is not a valid IP address.", python_repr(*said)));
  if (gateway->version != network.base.version)
    return invalid_operation(
        fmt::format("gateway_ip '{}' does not match the ip_version '{}'", to_string(*gateway), network.base.version));
  bool is_edge =
      network.base.version == 4 && network.prefix < 31 && (*gateway == network.base || *gateway == last_of(network));
  if (is_edge) return invalid_operation("Gateway is not valid on subnet");
  row.gateway = to_string(*gateway);
  return {};
}

Checked take_pools(const Json& wanted, bool is_new, IpNetwork network, Subnet& row) {
  std::optional<IpAddress> gateway = parse_ip(row.gateway);
  const Json* said = member(wanted, "allocation_pools");
  if (said == nullptr || (is_new && said->is_null())) {
    if (is_new) row.pools = default_pools(network, gateway);
  } else {
    auto pools = pools_of(*said, network);
    if (!pools) return std::unexpected(std::move(pools.error()));
    row.pools = std::move(*pools);
  }
  bool checks = (said != nullptr && !said->is_null()) || (!is_new && member(wanted, "gateway_ip") != nullptr);
  if (!checks || !gateway) return {};
  for (const AddressRange& pool : row.pools)
    if (*gateway >= *parse_ip(pool.first) && *gateway <= *parse_ip(pool.last))
      return refused(
          409, fmt::format("Gateway ip {} conflicts with allocation pool {}-{}.", row.gateway, pool.first, pool.last),
          "GatewayConflictWithAllocationPools");
  return {};
}

}  // namespace

Checked merge_subnet(const Json& wanted, bool is_new, StoredSubnet& subnet) {
  if (is_new) {
    std::optional<IpNetwork> cidr = parse_ip_network(text_at(wanted, "cidr"));
    const Json* version = member(wanted, "ip_version");
    if (!cidr) return invalid_input("cidr", fmt::format("'{}' is not a valid IP subnet.", text_at(wanted, "cidr")));
    if (version == nullptr || (*version != 4 && *version != 6))
      return invalid_input("ip_version", "it is not in [4, 6].");
    if (*version != cidr->base.version)
      return invalid_operation(
          fmt::format("cidr '{}' does not match the ip_version '{}'", to_string(*cidr), to_text(*version)));
    subnet.row.cidr = to_string(*cidr);
  }
  IpNetwork network = *parse_ip_network(subnet.row.cidr);
  for (std::string_view key : {"name", "description", "enable_dhcp", "dns_nameservers", "host_routes", "ipv6_ra_mode",
                               "ipv6_address_mode", "service_types", "subnetpool_id"})
    if (const Json* value = member(wanted, key)) subnet.details[std::string(key)] = *value;
  if (is_new)
    if (Checked good = check_cidr(network, subnet.details); !good) return good;
  if (Checked good = check_modes(subnet.details, network, subnet.row); !good) return good;
  if (Checked good = check_dns(value_or(subnet.details, "dns_nameservers", Json::array())); !good) return good;
  Json routes = value_or(subnet.details, "host_routes", Json::array());
  if (Checked good = check_routes(routes, network.base.version); !good) return good;
  if (Checked good = take_gateway(wanted, is_new, network, subnet.row); !good) return good;
  return take_pools(wanted, is_new, network, subnet.row);
}

}  // namespace kilonova::api::openstack
