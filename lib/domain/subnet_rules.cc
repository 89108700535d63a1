#include "domain/subnet_rules.h"

namespace kilonova {

std::vector<AddressRange> default_pools(IpNetwork network, std::optional<IpAddress> gateway) {
  std::vector<AddressRange> pools;
  auto add = [&](IpAddress first, IpAddress last) {
    if (first <= last) pools.push_back({to_string(first), to_string(last)});
  };
  IpAddress first = first_of(network), last = last_of(network);
  unsigned hosts = (network.base.version == 4 ? 32u : 128u) - network.prefix;
  if (hosts >= 2) {
    first = plus(first, 1);
    if (network.base.version == 4) last = before(last);
  }
  if (!gateway || *gateway < first || *gateway > last) {
    add(first, last);
    return pools;
  }
  if (*gateway > first) add(first, before(*gateway));
  if (*gateway < last) add(plus(*gateway, 1), last);
  return pools;
}

Subnet ipv4_subnet_of(const Network& network, Uuid id) {
  Subnet subnet;
  subnet.id = id;
  subnet.network_id = network.id;
  subnet.project_id = network.project_id;
  subnet.cidr = to_string(network.cidr);
  subnet.gateway = to_string(network.gateway);
  subnet.pools = default_pools({to_ip(network.cidr.network), network.cidr.prefix}, to_ip(network.gateway));
  subnet.revision = 1;
  subnet.created_at = network.created_at;
  subnet.updated_at = network.created_at;
  return subnet;
}

}  // namespace kilonova
