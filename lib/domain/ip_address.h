// Addresses of either version as numbers, for subnets. What a launch passes on is in net.h.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/net.h"

namespace kilonova {

struct IpAddress {
  uint8_t version = 4;  // 4 or 6
  uint64_t high = 0;    // 0 for IPv4
  uint64_t low = 0;     // host byte order
  auto operator<=>(const IpAddress&) const = default;
};

// A network with its host bits zero.
struct IpNetwork {
  IpAddress base;
  uint8_t prefix = 0;  // 0 to 32, or 128
  auto operator<=>(const IpNetwork&) const = default;
};

inline IpAddress to_ip(Ipv4 address) { return {4, 0, address.value}; }
// The address must be of version 4.
inline Ipv4 to_ipv4(IpAddress address) { return {static_cast<uint32_t>(address.low)}; }

// The canonical form (RFC 5952).
std::string to_string(IpAddress address);
std::string to_string(IpNetwork network);
std::optional<IpAddress> parse_ip(std::string_view text);
// Host bits are cleared, as Neutron clears them.
std::optional<IpNetwork> parse_ip_network(std::string_view text);

IpAddress first_of(IpNetwork network);
IpAddress last_of(IpNetwork network);
bool contains(IpNetwork network, IpAddress address);
bool overlap(IpNetwork a, IpNetwork b);
// Of the same version, and wrapping at its end.
IpAddress plus(IpAddress address, uint64_t distance);
IpAddress before(IpAddress address);
// The address that a host with this MAC gives itself (RFC 4291, appendix A). The network has a prefix of at most 64.
IpAddress eui64(IpNetwork network, Mac mac);
// aa:bb:cc:dd:ee:ff, in any case.
std::optional<Mac> parse_mac(std::string_view text);

}  // namespace kilonova
