#include "domain/net.h"

#include <fmt/format.h>

#include <charconv>

namespace kilonova {

std::string to_string(Ipv4 address) {
  uint32_t v = address.value;
  return fmt::format("{}.{}.{}.{}", v >> 24, v >> 16 & 255, v >> 8 & 255, v & 255);
}

std::string to_string(Mac mac) {
  uint64_t v = mac.value;
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", v >> 40 & 255, v >> 32 & 255, v >> 24 & 255,
                     v >> 16 & 255, v >> 8 & 255, v & 255);
}

std::string to_string(Cidr cidr) { return fmt::format("{}/{}", to_string(cidr.network), cidr.prefix); }

std::optional<Ipv4> parse_ipv4(std::string_view text) {
  uint32_t value = 0;
  for (int part = 0; part < 4; ++part) {
    size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != (part == 3)) return std::nullopt;
    std::string_view digits = text.substr(0, dot);
    if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
    uint32_t byte = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte);
    if (error != std::errc() || end != digits.data() + digits.size() || byte > 255) return std::nullopt;
    value = value << 8 | byte;
    if (part < 3) text.remove_prefix(dot + 1);
  }
  return Ipv4{value};
}

std::optional<Cidr> parse_cidr(std::string_view text) {
  size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  auto network = parse_ipv4(text.substr(0, slash));
  std::string_view digits = text.substr(slash + 1);
  uint32_t prefix = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (!network || digits.empty() || error != std::errc() || end != digits.data() + digits.size() || prefix > 32)
    return std::nullopt;
  uint32_t mask = prefix == 0 ? 0 : ~uint32_t{0} << (32 - prefix);
  if ((network->value & ~mask) != 0) return std::nullopt;
  return Cidr{*network, static_cast<uint8_t>(prefix)};
}

uint64_t digest_of(const Uuid& network_id, uint32_t nic, Ipv4 ip, Mac mac) {
  uint64_t digest = 0xcbf29ce484222325;
  auto fold = [&digest](uint64_t value) {
    digest = (digest ^ value) * 0x9e3779b97f4a7c15;
    digest ^= digest >> 32;
  };
  for (uint8_t byte : network_id.bytes) fold(byte);
  fold(nic);
  fold(ip.value);
  fold(mac.value);
  return digest;
}

uint64_t digest_of(const std::vector<Address>& addresses) {
  uint64_t digest = 0;
  for (const Address& address : addresses)
    digest += digest_of(address.network_id, address.nic, address.ip, address.mac);
  return digest;
}

bool may_attach(const Network& network, const Uuid& project, bool is_admin) {
  if (network.external) return is_admin;
  return network.shared || network.project_id == project;
}

}  // namespace kilonova
