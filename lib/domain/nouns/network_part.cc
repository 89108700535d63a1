#include "domain/nouns/network_part.h"

#include <fmt/format.h>

#include "domain/ip_address.h"

namespace kilonova {
namespace {

Expected<> check_kind(std::string_view kind) {
  if (kind == "network" || kind == "subnet" || kind == "port") return {};
  return refuse(fmt::format("the kind {} must be network, subnet or port", in_quotes(kind)));
}

Expected<> check_id(const Uuid& id) { return id.is_nil() ? refuse("an id is needed") : Expected<>(); }

Expected<> check_details(std::string_view details) {
  if (details.size() <= kMaxPartDetailsBytes) return {};
  return refuse(
      fmt::format("the details have {} bytes; they may have at most {}", details.size(), kMaxPartDetailsBytes));
}

Expected<> check_address(std::string_view what, std::string_view text) {
  std::optional<IpAddress> address = parse_ip(text);
  if (address && to_string(*address) == text) return {};
  return refuse(fmt::format("{} {} is no address in its canonical form", what, in_quotes(text)));
}

}  // namespace

Expected<> ListNetworkParts::check() const {
  return check_all(check_kind(kind), check_text("the device", device_id), check_limit(limit),
                   marker.empty() || parse_uuid(marker) ? Expected<>() : refuse("the marker is no id"));
}

Expected<> StoreNetwork::check() const {
  return check_all(check_id(network.id), check_text("the network's name", network.name), check_details(details));
}

Expected<> StoreSubnet::check() const {
  std::optional<IpNetwork> network = parse_ip_network(subnet.cidr);
  if (!network || to_string(*network) != subnet.cidr)
    return refuse(fmt::format("the cidr {} is no network in its canonical form", in_quotes(subnet.cidr)));
  if (network->prefix < (network->base.version == 4 ? 2 : 1))
    return refuse(fmt::format("the cidr {} is too large", subnet.cidr));
  if (subnet.pools.size() > kMaxPools) return refuse(fmt::format("a subnet has at most {} pools", kMaxPools));
  Expected<> valid = check_all(check_id(subnet.id), check_id(subnet.network_id), check_details(subnet.details));
  if (valid && !subnet.gateway.empty()) valid = check_address("the gateway", subnet.gateway);
  for (const AddressRange& pool : subnet.pools)
    if (valid) valid = check_all(check_address("the pool's first", pool.first), check_address("the last", pool.last));
  return valid;
}

Expected<> StorePort::check() const {
  if (port.fixed_ips.size() > kMaxFixedIps) return refuse(fmt::format("a port has at most {} addresses", kMaxFixedIps));
  Expected<> valid = check_all(check_id(port.id), check_id(port.network_id), check_details(port.details),
                               check_text("the device", port.device_id), check_text("its owner", port.device_owner));
  for (const FixedIp& fixed : port.fixed_ips)
    if (valid && !fixed.ip.empty()) valid = check_address("the address", fixed.ip);
  if (port.mac.value >> 48 != 0) return refuse("a MAC address has 48 bits");
  return valid;
}

Expected<> DeleteNetworkPart::check() const { return check_all(check_kind(kind), check_id(id)); }

}  // namespace kilonova
