// IP addresses and networks as text, as far as a filter compares them. Python: netaddr 0.8.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kilonova::scheduler::nova {

struct IpAddress {
  std::array<uint8_t, 16> bytes = {};
  size_t size = 4;  // or 16

  // Four decimal numbers, or an IPv6 address in any of its spellings; nothing else is one.
  static std::optional<IpAddress> parse(std::string_view text);
};

class IpNetwork {
 public:
  // "10.0.0.7/24", "fd00::1/64"; the size may be a netmask or a hostmask, and is that of one address when there is
  // none. An IPv4 address may lack numbers at its end: "10.1/16".
  static std::optional<IpNetwork> parse(std::string_view text);
  bool contains(const IpAddress& address) const;

 private:
  IpAddress address_;
  int64_t prefix_ = 0;  // bits
};

}  // namespace kilonova::scheduler::nova
