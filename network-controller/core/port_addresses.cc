#include "network-controller/core/port_addresses.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace kilonova::network {
namespace {

bool has(const std::vector<FixedIp>& list, const FixedIp& one) { return std::ranges::find(list, one) != list.end(); }

Expected<> reserve(SubnetEntry& subnet, IpAddress address, ReservedAddresses& reserved) {
  std::string text = to_string(address);
  if (!subnet.pool.may_have(address))
    return refuse_as(ErrorCode::kInvalidArgument, "InvalidIpForSubnet",
                     fmt::format("IP address {} is not a valid IP for the specified subnet.", text));
  if (subnet.deleting || !subnet.pool.take(address))
    return refuse_as(ErrorCode::kConflict, "IpAddressAlreadyAllocated",
                     fmt::format("IP address {} already allocated in subnet {}", text, to_string(subnet.row.id)));
  reserved.added.emplace_back(subnet.pool, address);
  reserved.fixed_ips.push_back({subnet.row.id, std::move(text)});
  return {};
}

Expected<> draw_of(const NetworkEntry& network, SubnetEntry& subnet, Mac mac, ReservedAddresses& reserved) {
  if (subnet.row.automatic) return reserve(subnet, eui64(subnet.network, mac), reserved);
  std::optional<IpAddress> free = subnet.deleting ? std::nullopt : subnet.pool.allocate();
  if (!free)
    return refuse_as(ErrorCode::kResourceExhausted, "IpAddressGenerationFailure",
                     fmt::format("No more IP addresses available on network {}.", to_string(network.row.id)));
  reserved.added.emplace_back(subnet.pool, *free);
  reserved.fixed_ips.push_back({subnet.row.id, to_string(*free)});
  return {};
}

// Of the first subnet of this version that has one.
Expected<> draw_version(NetworkEntry& network, uint8_t version, Mac mac, ReservedAddresses& reserved) {
  Expected<> drawn;
  for (const auto& subnet : network.subnets) {
    if (subnet->network.base.version != version || subnet->row.automatic) continue;
    drawn = draw_of(network, *subnet, mac, reserved);
    if (drawn) return drawn;
  }
  return drawn;
}

}  // namespace

std::unexpected<Error> refuse_as(ErrorCode code, std::string_view exception, std::string_view message) {
  return fail(code, fmt::format("{}: {}", exception, message));
}

Expected<ReservedAddresses> draw_addresses(NetworkEntry& network, Mac mac) {
  ReservedAddresses reserved;
  for (uint8_t version : {uint8_t{4}, uint8_t{6}})
    if (auto drawn = draw_version(network, version, mac, reserved); !drawn) return std::unexpected(drawn.error());
  for (const auto& subnet : network.subnets) {
    if (!subnet->row.automatic) continue;
    if (auto drawn = draw_of(network, *subnet, mac, reserved); !drawn) return std::unexpected(drawn.error());
  }
  return reserved;
}

Expected<ReservedAddresses> take_addresses(NetworkEntry& network, const std::vector<FixedIp>& wanted, Mac mac,
                                           const std::vector<FixedIp>& held) {
  ReservedAddresses reserved;
  for (const FixedIp& one : wanted) {
    if (!one.ip.empty() && has(held, one)) {
      reserved.fixed_ips.push_back(one);
      continue;
    }
    std::optional<IpAddress> address = parse_ip(one.ip);
    SubnetEntry* subnet = !one.subnet_id.is_nil() ? network.find(one.subnet_id)
                          : address               ? network.subnet_of(*address)
                                                  : nullptr;
    if (subnet == nullptr || (address && !contains(subnet->network, *address))) {
      if (one.subnet_id.is_nil() || subnet != nullptr)
        return refuse_as(
            ErrorCode::kInvalidArgument, subnet == nullptr ? "InvalidIpForNetwork" : "InvalidIpForSubnet",
            fmt::format("IP address {} is not a valid IP for {}.", one.ip,
                        subnet == nullptr ? "any of the subnets on the specified network" : "the specified subnet"));
      return refuse_as(ErrorCode::kInvalidArgument, "InvalidInput",
                       fmt::format("Invalid input for operation: Failed to create port on network {}, because "
                                   "fixed_ips included invalid subnet {}.",
                                   to_string(network.row.id), to_string(one.subnet_id)));
    }
    if (!address) {
      auto stays = std::ranges::find_if(held, [&](const FixedIp& other) {
        return other.subnet_id == subnet->row.id && !has(reserved.fixed_ips, other);
      });
      if (stays != held.end()) {
        reserved.fixed_ips.push_back(*stays);
        continue;
      }
      if (auto drawn = draw_of(network, *subnet, mac, reserved); !drawn) return std::unexpected(drawn.error());
      continue;
    }
    FixedIp whole{subnet->row.id, one.ip};
    if (has(held, whole)) {
      reserved.fixed_ips.push_back(whole);
    } else if (auto taken = reserve(*subnet, *address, reserved); !taken) {
      return std::unexpected(taken.error());
    }
  }
  return reserved;
}

void free_fixed_ips(NetworkEntry& network, const std::vector<FixedIp>& held, const std::vector<FixedIp>& kept) {
  for (const FixedIp& one : held) {
    SubnetEntry* subnet = network.find(one.subnet_id);
    std::optional<IpAddress> address = parse_ip(one.ip);
    if (subnet != nullptr && address && !has(kept, one)) subnet->pool.release(*address);
  }
}

Ipv4 first_ipv4(const Port& port) {
  for (const FixedIp& fixed : port.fixed_ips)
    if (std::optional<Ipv4> address = parse_ipv4(fixed.ip)) return *address;
  return {};
}

bool is_router_port(const Port& port) { return port.device_owner.starts_with("network:"); }

}  // namespace kilonova::network
