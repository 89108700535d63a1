#include "domain/ip_address.h"

#include <fmt/format.h>

#include <algorithm>
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

using Groups = std::array<uint16_t, 8>;

Groups groups_of(IpAddress address) {
  Groups groups;
  for (unsigned i = 0; i < 4; ++i) {
    groups[i] = static_cast<uint16_t>(address.high >> (48 - 16 * i));
    groups[4 + i] = static_cast<uint16_t>(address.low >> (48 - 16 * i));
  }
  return groups;
}

IpAddress address_of(const Groups& groups) {
  IpAddress address{6, 0, 0};
  for (unsigned i = 0; i < 4; ++i) {
    address.high = address.high << 16 | groups[i];
    address.low = address.low << 16 | groups[4 + i];
  }
  return address;
}

// "2001:db8:7" and the like, none for "": how many. The last two of an address may be said as an IPv4 address.
std::optional<size_t> read_groups(std::string_view text, Groups& groups, bool may_end_in_ipv4) {
  size_t count = 0;
  while (!text.empty()) {
    size_t colon = text.find(':');
    std::string_view part = text.substr(0, colon);
    if (std::optional<Ipv4> tail =
            may_end_in_ipv4 && colon == std::string_view::npos ? parse_ipv4(part) : std::nullopt) {
      if (count + 2 > groups.size()) return std::nullopt;
      groups[count++] = static_cast<uint16_t>(tail->value >> 16);
      groups[count++] = static_cast<uint16_t>(tail->value);
      return count;
    }
    uint16_t value = 0;
    auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value, 16);
    bool is_whole = error == std::errc() && end == part.data() + part.size() && part.size() <= 4;
    if (!is_whole || count == groups.size()) return std::nullopt;
    groups[count++] = value;
    if (colon == std::string_view::npos) return count;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;
  }
  return count;
}

// The bits of the host's part set.
Bits host_mask(IpNetwork network) {
  unsigned hosts = width_of(network.base) - network.prefix;
  auto ones = [](unsigned count) { return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1; };
  return {hosts > 64 ? ones(hosts - 64) : 0, ones(hosts)};
}

}  // namespace

std::string to_string(IpAddress address) {
  if (address.version == 4) return to_string(to_ipv4(address));
  Groups groups = groups_of(address);
  // The longest run of zeros, the first of several, is "::"; a single zero is not.
  size_t best = 0, length = 1;
  for (size_t from = 0; from < groups.size(); ++from) {
    size_t end = from;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - from > length) {
      best = from;
      length = end - from;
    }
  }
  std::string text;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (length > 1 && i == best) {
      text += "::";
      i += length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += fmt::format("{:x}", groups[i]);
  }
  return text;
}

std::string to_string(IpNetwork network) { return fmt::format("{}/{}", to_string(network.base), network.prefix); }

std::optional<IpAddress> parse_ip(std::string_view text) {
  if (text.find(':') == std::string_view::npos) {
    std::optional<Ipv4> address = parse_ipv4(text);
    if (!address) return std::nullopt;
    return to_ip(*address);
  }
  size_t gap = text.find("::");
  Groups groups{};
  if (gap == std::string_view::npos) {
    if (read_groups(text, groups, true) != std::optional<size_t>(groups.size())) return std::nullopt;
    return address_of(groups);
  }
  Groups tail{};
  std::optional<size_t> before = read_groups(text.substr(0, gap), groups, false);
  std::optional<size_t> after = read_groups(text.substr(gap + 2), tail, true);
  if (!before || !after || *before + *after >= groups.size()) return std::nullopt;
  std::copy_n(tail.begin(), *after, groups.end() - static_cast<ptrdiff_t>(*after));
  return address_of(groups);
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
