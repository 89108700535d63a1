#include "domain/ip_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace kilonova {
namespace {

struct Bits {
  uint64_t high;
  uint64_t low;
};

unsigned width_of(IpAddress address) { return address.version == 4 ? 32 : 128; }

// The bits of the host's part set.
Bits host_mask(IpNetwork network) {
  unsigned hosts = width_of(network.base) - network.prefix;
  auto ones = [](unsigned count) { return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1; };
  return {hosts > 64 ? ones(hosts - 64) : 0, ones(hosts)};
}

}  // namespace

std::string to_string(IpAddress address) {
  if (address.version == 4) return to_string(to_ipv4(address));
  std::array<unsigned char, 16> bytes;
  for (unsigned i = 0; i < 8; ++i) {
    bytes[i] = static_cast<unsigned char>(address.high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<unsigned char>(address.low >> (56 - 8 * i));
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

std::string to_string(IpNetwork network) { return fmt::format("{}/{}", to_string(network.base), network.prefix); }

std::optional<IpAddress> parse_ip(std::string_view text) {
  if (text.find(':') == std::string_view::npos) {
    std::optional<Ipv4> address = parse_ipv4(text);
    if (!address) return std::nullopt;
    return to_ip(*address);
  }
  std::array<unsigned char, 16> bytes;
  if (text.size() >= INET6_ADDRSTRLEN || ::inet_pton(AF_INET6, std::string(text).c_str(), bytes.data()) != 1)
    return std::nullopt;
  IpAddress address{6, 0, 0};
  for (unsigned i = 0; i < 8; ++i) {
    address.high = address.high << 8 | bytes[i];
    address.low = address.low << 8 | bytes[8 + i];
  }
  return address;
}

std::optional<IpNetwork> parse_ip_network(std::string_view text) {
  size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::optional<IpAddress> address = parse_ip(text.substr(0, slash));
  std::string_view digits = text.substr(slash + 1);
  unsigned prefix = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (!address || digits.empty() || error != std::errc() || end != digits.data() + digits.size() ||
      prefix > width_of(*address))
    return std::nullopt;
  IpNetwork network{*address, static_cast<uint8_t>(prefix)};
  network.base = first_of(network);
  return network;
}

IpAddress first_of(IpNetwork network) {
  Bits hosts = host_mask(network);
  return {network.base.version, network.base.high & ~hosts.high, network.base.low & ~hosts.low};
}

IpAddress last_of(IpNetwork network) {
  Bits hosts = host_mask(network);
  return {network.base.version, network.base.high | hosts.high, network.base.low | hosts.low};
}

bool contains(IpNetwork network, IpAddress address) {
  return address.version == network.base.version && address >= first_of(network) && address <= last_of(network);
}

bool overlap(IpNetwork a, IpNetwork b) { return contains(a, b.base) || contains(b, a.base); }

IpAddress plus(IpAddress address, uint64_t distance) {
  if (address.version == 4) return {4, 0, (address.low + distance) & UINT32_MAX};
  IpAddress sum{6, address.high, address.low + distance};
  if (sum.low < address.low) ++sum.high;
  return sum;
}

IpAddress before(IpAddress address) {
  if (address.version == 4) return {4, 0, (address.low - 1) & UINT32_MAX};
  return {6, address.low == 0 ? address.high - 1 : address.high, address.low - 1};
}

IpAddress eui64(IpNetwork network, Mac mac) {
  uint64_t interface = (mac.value >> 24 << 40) | (uint64_t{0xfffe} << 24) | (mac.value & 0xffffff);
  return {6, network.base.high, interface ^ (uint64_t{2} << 56)};
}

std::optional<Mac> parse_mac(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  Mac mac;
  for (size_t at = 0; at < text.size(); at += 3) {
    unsigned byte = 0;
    auto [end, error] = std::from_chars(text.data() + at, text.data() + at + 2, byte, 16);
    if (error != std::errc() || end != text.data() + at + 2) return std::nullopt;
    if (at + 2 < text.size() && text[at + 2] != ':') return std::nullopt;
    mac.value = mac.value << 8 | byte;
  }
  return mac;
}

}  // namespace kilonova
