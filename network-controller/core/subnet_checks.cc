#include "network-controller/core/subnet_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "network-controller/core/port_addresses.h"

namespace kilonova::network {

Expected<> check_subnet(const Subnet& subnet, const NetworkEntry& network) {
  std::optional<IpNetwork> cidr = parse_ip_network(subnet.cidr);
  bool is_valid = cidr && (subnet.gateway.empty() || parse_ip(subnet.gateway)) &&
                  cidr->prefix >= (cidr->base.version == 4 ? 2 : 1) && (!subnet.automatic || cidr->prefix == 64);
  if (!is_valid)
    return refuse_as(ErrorCode::kInvalidArgument, "InvalidInput",
                     fmt::format("Invalid input for operation: '{}' is no valid subnet.", subnet.cidr));
  for (const auto& other : network.subnets)
    if (other->row.id != subnet.id && overlap(other->network, *cidr))
      return refuse_as(
          ErrorCode::kInvalidArgument, "InvalidInput",
          fmt::format("Invalid input for operation: Requested subnet with cidr: {} for network: {} overlaps with "
                      "another subnet.",
                      subnet.cidr, to_string(network.row.id)));
  std::vector<std::pair<IpAddress, IpAddress>> ranges;
  for (const AddressRange& pool : subnet.pools) {
    std::optional<IpAddress> first = parse_ip(pool.first), last = parse_ip(pool.last);
    if (!first || !last || first->version != last->version || *last < *first)
      return refuse_as(ErrorCode::kInvalidArgument, "InvalidAllocationPool",
                       fmt::format("The allocation pool {}-{} is not valid.", pool.first, pool.last));
    if (!contains(*cidr, *first) || !contains(*cidr, *last))
      return refuse_as(ErrorCode::kInvalidArgument, "OutOfBoundsAllocationPool",
                       fmt::format("The allocation pool {}-{} spans beyond the subnet cidr {}.", pool.first, pool.last,
                                   subnet.cidr));
    ranges.emplace_back(*first, *last);
  }
  std::ranges::sort(ranges);
  for (size_t i = 1; i < ranges.size(); ++i)
    if (ranges[i].first <= ranges[i - 1].second)
      return refuse_as(ErrorCode::kConflict, "OverlappingAllocationPools",
                       fmt::format("Found overlapping allocation pools: {}-{} {}-{} for subnet {}.",
                                   to_string(ranges[i - 1].first), to_string(ranges[i - 1].second),
                                   to_string(ranges[i].first), to_string(ranges[i].second), subnet.cidr));
  return {};
}

}  // namespace kilonova::network
