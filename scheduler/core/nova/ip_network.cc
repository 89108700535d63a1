#include "scheduler/core/nova/ip_network.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "scheduler/core/python_values.h"

namespace kilonova::scheduler::nova {
namespace {

std::vector<std::string_view> split_at(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t at = text.find(separator); at != text.npos; at = text.find(separator)) {
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  parts.push_back(text);
  return parts;
}

// inet_pton(AF_INET).
std::optional<IpAddress> parse_v4(std::string_view text) {
  IpAddress address;
  std::vector<std::string_view> parts = split_at(text, '.');
  if (parts.size() != 4) return std::nullopt;
  for (size_t i = 0; i < 4; ++i) {
    auto [end, error] = std::from_chars(parts[i].data(), parts[i].data() + parts[i].size(), address.bytes[i]);
    const bool has_zero_in_front = parts[i].size() > 1 && parts[i].front() == '0';
    if (error != std::errc() || end != parts[i].data() + parts[i].size() || has_zero_in_front) return std::nullopt;
  }
  return address;
}

// The bytes of the groups of one side of a "::"; the last of all may be an IPv4 address.
bool append_groups(std::string_view text, bool is_end, std::vector<uint8_t>& bytes) {
  if (text.empty()) return true;
  const std::vector<std::string_view> groups = split_at(text, ':');
  for (size_t i = 0; i < groups.size(); ++i) {
    if (is_end && i + 1 == groups.size() && groups[i].contains('.')) {
      const std::optional<IpAddress> v4 = parse_v4(groups[i]);
      if (!v4) return false;
      bytes.insert(bytes.end(), v4->bytes.begin(), v4->bytes.begin() + 4);
      continue;
    }
    uint16_t group = 0;
    auto [end, error] = std::from_chars(groups[i].data(), groups[i].data() + groups[i].size(), group, 16);
    if (error != std::errc() || end != groups[i].data() + groups[i].size() || groups[i].size() > 4) return false;
    bytes.push_back(static_cast<uint8_t>(group >> 8));
    bytes.push_back(static_cast<uint8_t>(group & 0xff));
  }
  return true;
}

// inet_pton(AF_INET6).
std::optional<IpAddress> parse_v6(std::string_view text) {
  if (!text.contains(':')) return std::nullopt;
  const size_t gap = text.find("::");
  std::vector<uint8_t> front, back;
  if (gap == text.npos) {
    if (!append_groups(text, true, front) || front.size() != 16) return std::nullopt;
  } else {
    if (!append_groups(text.substr(0, gap), false, front)) return std::nullopt;
    if (!append_groups(text.substr(gap + 2), true, back) || front.size() + back.size() > 14) return std::nullopt;
  }
  IpAddress address{.size = 16};
  std::ranges::copy(front, address.bytes.begin());
  std::ranges::copy_backward(back, address.bytes.end());
  return address;
}

bool bit_of(const IpAddress& address, size_t bit) { return ((address.bytes[bit / 8] >> (7 - bit % 8)) & 1) != 0; }

// Of a netmask (ones, then zeros) or a hostmask (zeros, then ones) the bits of the network; nothing of another.
std::optional<int64_t> prefix_of_mask(const IpAddress& mask) {
  const size_t bits = mask.size * 8;
  const bool first = bit_of(mask, 0);
  size_t alike = 1;
  while (alike < bits && bit_of(mask, alike) == first) ++alike;
  for (size_t bit = alike; bit < bits; ++bit)
    if (bit_of(mask, bit) == first) return std::nullopt;
  // All zeros is a netmask, and all ones too.
  return alike == bits && !first ? 0 : static_cast<int64_t>(alike);
}

std::optional<IpAddress> expand_partial(std::string_view text) {
  std::string expanded;
  std::vector<std::string_view> parts = split_at(text, '.');
  if (parts.size() > 4) return std::nullopt;
  for (size_t i = 0; i < 4; ++i) {
    const std::optional<int64_t> number = i < parts.size() ? python_int(parts[i]) : 0;
    if (!number) return std::nullopt;
    expanded += (i > 0 ? "." : "") + std::to_string(*number);
  }
  return parse_v4(expanded);
}

std::optional<IpAddress> parse_network_address(std::string_view text, size_t size) {
  if (size == 16) return parse_v6(text);
  std::optional<IpAddress> address = parse_v4(text);
  return address || text.contains(':') ? address : expand_partial(text);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  return text.contains(':') ? parse_v6(text) : parse_v4(text);
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const size_t slash = text.find('/');
  for (size_t size : {size_t{4}, size_t{16}}) {
    std::optional<IpAddress> address = parse_network_address(text.substr(0, slash), size);
    if (!address) continue;
    std::optional<int64_t> prefix = static_cast<int64_t>(size) * 8;
    if (slash != text.npos) {
      const std::string_view said = text.substr(slash + 1);
      prefix = python_int(said);
      if (!prefix)
        if (std::optional<IpAddress> mask = size == 4 ? parse_v4(said) : parse_v6(said)) prefix = prefix_of_mask(*mask);
    }
    if (!prefix || *prefix < 0 || *prefix > static_cast<int64_t>(size) * 8) continue;
    IpNetwork network;
    network.address_ = *address;
    network.prefix_ = *prefix;
    return network;
  }
  return std::nullopt;
}

bool IpNetwork::contains(const IpAddress& address) const {
  if (address.size != address_.size) return false;
  for (size_t bit = 0; bit < static_cast<size_t>(prefix_); ++bit)
    if (bit_of(address, bit) != bit_of(address_, bit)) return false;
  return true;
}

}  // namespace kilonova::scheduler::nova
