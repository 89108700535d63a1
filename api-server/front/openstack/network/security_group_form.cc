// What a rule of a security group may say, by the checks of neutron/extensions/securitygroup.py and
// neutron/db/securitygroups_db.py.
#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api-server/front/openstack/network/security_groups.h"
#include "api-server/front/openstack/paging.h"
#include "base/ascii.h"

namespace kilonova::api::openstack {
namespace {

// neutron_lib/constants.py IP_PROTOCOL_MAP, and which of them have ports (neutron/common/_constants.py
// SG_PORT_PROTO_NAMES) or are of IPv6 alone.
struct Protocol {
  std::string_view name;
  int64_t number;
  bool has_ports = false;
  bool is_of_ipv6 = false;
};
constexpr Protocol kProtocols[] = {{"ah", 51},
                                   {"dccp", 33, true},
                                   {"egp", 8},
                                   {"esp", 50},
                                   {"gre", 47},
                                   {"icmp", 1},
                                   {"icmpv6", 58, false, true},
                                   {"igmp", 2},
                                   {"ipip", 4},
                                   {"ipv6-encap", 41, false, true},
                                   {"ipv6-frag", 44, false, true},
                                   {"ipv6-icmp", 58, false, true},
                                   {"ipv6-nonxt", 59, false, true},
                                   {"ipv6-opts", 60, false, true},
                                   {"ipv6-route", 43, false, true},
                                   {"ospf", 89},
                                   {"pgm", 113},
                                   {"rsvp", 46},
                                   {"sctp", 132, true},
                                   {"tcp", 6, true},
                                   {"udp", 17, true},
                                   {"udplite", 136, true},
                                   {"vrrp", 112}};

const Protocol* find_protocol(std::string_view text) {
  const std::optional<int64_t> number = whole_number(text);
  auto found = std::ranges::find_if(
      kProtocols, [&](const Protocol& one) { return number ? one.number == *number : one.name == text; });
  return found == std::end(kProtocols) ? nullptr : &*found;
}

std::string protocol_names() {
  std::string names;
  for (const Protocol& one : kProtocols) names += (names.empty() ? "" : ", ") + std::string(one.name);
  return names;
}

std::unexpected<Refusal> bad_request(std::string message, std::string type = "HTTPBadRequest") {
  return refused(400, std::move(message), std::move(type));
}

// null, a name, or a number as text.
std::expected<Json, Refusal> read_protocol(const Json& wanted) {
  const Json* value = member(wanted, "protocol");
  if (value == nullptr || value->is_null()) return Json(nullptr);
  std::string text = value->is_string() ? to_lower(value->get<std::string>()) : to_text(*value);
  std::optional<int64_t> number = whole_number(text);
  if (number && *number <= 255) return Json(text);
  if (!number && find_protocol(text) != nullptr) return Json(text);
  return bad_request(fmt::format("Security group rule protocol {} not supported. Only protocol values [{}] and integer "
                                 "representations [0 to 255] are supported.",
                                 text, protocol_names()),
                     "SecurityGroupRuleInvalidProtocol");
}

std::expected<Json, Refusal> read_port(const Json& wanted, std::string_view key) {
  const Json* value = member(wanted, key);
  if (value == nullptr || value->is_null()) return Json(nullptr);
  std::string text = value->is_string() ? value->get<std::string>() : to_text(*value);
  std::optional<int64_t> number = whole_number(text.starts_with('-') ? text.substr(1) : text);
  if (!number) return bad_request(fmt::format("Invalid input for {}. Reason: '{}' is not an integer.", key, text));
  int64_t port = text.starts_with('-') ? -*number : *number;
  if (port < 0 || port > 65535)
    return bad_request(fmt::format("Invalid value for port {}", port), "SecurityGroupInvalidPortValue");
  return Json(port);
}

// The network of a prefix, "10.0.0.1" as "10.0.0.1/32"; nothing for text that is none.
std::optional<std::string> network_of(const std::string& text, int family) {
  std::string address = text.substr(0, text.find('/'));
  std::array<uint8_t, 16> bytes{};
  if (inet_pton(family, address.c_str(), bytes.data()) != 1) return std::nullopt;
  int64_t most = family == AF_INET ? 32 : 128;
  std::optional<int64_t> prefix = address.size() == text.size() ? most : whole_number(text.substr(address.size() + 1));
  if (!prefix || *prefix > most) return std::nullopt;
  for (int64_t bit = *prefix; bit < most; ++bit)
    bytes[static_cast<size_t>(bit / 8)] &= static_cast<uint8_t>(~(0x80 >> (bit % 8)));
  std::array<char, INET6_ADDRSTRLEN> printed{};
  inet_ntop(family, bytes.data(), printed.data(), printed.size());
  return fmt::format("{}/{}", printed.data(), *prefix);
}

struct Prefix {
  Json as_said;
  Json normalized;
};

std::expected<Prefix, Refusal> read_prefix(const Json& wanted, const std::string& ethertype) {
  std::string text = text_at(wanted, "remote_ip_prefix");
  if (text.empty()) return Prefix{nullptr, nullptr};
  std::optional<std::string> v4 = network_of(text, AF_INET), v6 = network_of(text, AF_INET6);
  if (!v4 && !v6)
    return bad_request(fmt::format("Invalid input for remote_ip_prefix. Reason: '{}' is not a valid IP subnet.", text));
  if ((ethertype == "IPv4") != v4.has_value())
    return bad_request(fmt::format("Conflicting value ethertype {} for CIDR {}", ethertype, text),
                       "SecurityGroupRuleParameterConflict");
  std::string network = v4 ? *v4 : *v6;
  return Prefix{text.find('/') == std::string::npos ? network : text, network};
}

Checked check_ports(const Json& protocol, const Json& low, const Json& high) {
  if (low.is_null() && high.is_null()) return {};
  std::string name = protocol.is_null() ? "" : protocol.get<std::string>();
  if (name.empty())
    return bad_request("Must also specify protocol if port range is given.", "SecurityGroupProtocolRequiredWithPorts");
  if (name == "icmp" || name == "icmpv6" || name == "ipv6-icmp" || name == "1" || name == "58") {
    if (low.is_null())
      return bad_request(
          fmt::format("ICMP code (port-range-max) {} is provided but ICMP type (port-range-min) is missing.",
                      to_text(high)),
          "SecurityGroupMissingIcmpType");
    for (auto [value, what, field] :
         {std::tuple(&low, "type", "port-range-min"), std::tuple(&high, "code", "port-range-max")})
      if (!value->is_null() && value->get<int64_t>() > 255)
        return bad_request(
            fmt::format("Invalid value for ICMP {} ({}) {}. It must be 0 to 255.", what, field, value->get<int64_t>()),
            "SecurityGroupInvalidIcmpValue");
    return {};
  }
  const Protocol* known = find_protocol(name);
  if (known == nullptr || !known->has_ports)
    return bad_request(
        fmt::format("Invalid protocol {} for port range, only supported for DCCP, SCTP, TCP, UDP, UDPLITE.",
                    known == nullptr ? name : std::to_string(known->number)),
        "SecurityGroupInvalidProtocolForPort");
  if (low == 0 || high == 0) return bad_request("Invalid value for port 0", "SecurityGroupInvalidPortValue");
  if (low.is_null() || high.is_null() || low > high)
    return bad_request("For TCP/UDP protocols, port_range_min must be <= port_range_max",
                       "SecurityGroupInvalidPortRange");
  return {};
}

}  // namespace

std::string key_of_security_group_rule(const Json& rule) {
  const std::string prefix = text_at(rule, "remote_ip_prefix");
  std::string protocol = text_at(rule, "protocol");
  if (const Protocol* known = find_protocol(protocol)) protocol = std::to_string(known->number);
  const bool is_all = prefix == "0.0.0.0/0" || prefix == "::/0";
  std::string key;
  for (const std::string& part :
       {text_at(rule, "direction"), text_at(rule, "ethertype"), to_text(rule["port_range_max"]),
        to_text(rule["port_range_min"]), protocol, text_at(rule, "remote_group_id"),
        text_at(rule, "remote_address_group_id"), is_all ? std::string() : prefix})
    key += part + "_";
  return key;
}

std::expected<Json, Refusal> read_security_group_rule(const Json& wanted) {
  std::string direction = text_at(wanted, "direction");
  if (direction.empty()) return bad_request("Failed to parse request. Required attribute 'direction' not specified");
  if (direction != "ingress" && direction != "egress")
    return bad_request(
        fmt::format("Invalid input for direction. Reason: '{}' is not in ['ingress', 'egress'].", direction));
  std::string ethertype = member(wanted, "ethertype") == nullptr ? "IPv4" : text_at(wanted, "ethertype");
  std::string lower = to_lower(ethertype);
  if (lower != "ipv4" && lower != "ipv6")
    return bad_request(
        fmt::format("Security group rule for ethertype '{}' not supported. Allowed values are IPv4 and IPv6.",
                    ethertype),
        "SecurityGroupRuleInvalidEtherType");
  ethertype = lower == "ipv4" ? "IPv4" : "IPv6";
  auto protocol = read_protocol(wanted);
  if (!protocol) return std::unexpected(std::move(protocol.error()));
  if (ethertype == "IPv6" && (*protocol == "icmp" || *protocol == "icmpv6")) *protocol = "ipv6-icmp";
  if (ethertype == "IPv6" && *protocol == "1") *protocol = "58";
  const Protocol* known = protocol->is_null() ? nullptr : find_protocol(protocol->get_ref<const std::string&>());
  if (ethertype == "IPv4" && known != nullptr && known->is_of_ipv6)
    return bad_request("Invalid ethertype IPv4 for protocol " + protocol->get<std::string>() + ".",
                       "SecurityGroupEthertypeConflictWithProtocol");
  auto low = read_port(wanted, "port_range_min");
  if (!low) return std::unexpected(std::move(low.error()));
  auto high = read_port(wanted, "port_range_max");
  if (!high) return std::unexpected(std::move(high.error()));
  // Every port is the same as no range.
  if (*low == 1 && *high == 65'535) *low = *high = nullptr;
  if (auto ports = check_ports(*protocol, *low, *high); !ports) return std::unexpected(std::move(ports.error()));
  std::string group = text_at(wanted, "remote_group_id");
  if (!group.empty() && !text_at(wanted, "remote_ip_prefix").empty())
    return bad_request("Only remote_ip_prefix or remote_group_id may be provided.",
                       "SecurityGroupMultipleRemoteEntites");
  auto prefix = read_prefix(wanted, ethertype);
  if (!prefix) return std::unexpected(std::move(prefix.error()));
  return Json{{"ethertype", ethertype},
              {"direction", direction},
              {"protocol", std::move(*protocol)},
              {"port_range_min", std::move(*low)},
              {"port_range_max", std::move(*high)},
              {"remote_ip_prefix", std::move(prefix->as_said)},
              {"remote_address_group_id", nullptr},
              {"normalized_cidr", std::move(prefix->normalized)},
              {"remote_group_id", or_null(group)},
              {"description", text_at(wanted, "description")}};
}

}  // namespace kilonova::api::openstack
