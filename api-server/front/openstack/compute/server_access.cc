#include "api-server/front/openstack/compute/server_access.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>

#include "domain/net.h"

namespace kilonova::api::openstack {
namespace {

// As Nova keeps it: RFC 5952's form.
std::string shortest_ipv6(const std::string& text) {
  in6_addr address{};
  std::array<char, INET6_ADDRSTRLEN> shortest{};
  if (::inet_pton(AF_INET6, text.c_str(), &address) != 1) return text;
  return ::inet_ntop(AF_INET6, &address, shortest.data(), shortest.size());
}

Refusal no_address(const char* key, const Json& value, const char* form) {
  return {400, fmt::format("Invalid input for field/attribute {}. Value: {}. {} is not a '{}'", key,
                           text_at(value, key), python_repr(value[key]), form)};
}

}  // namespace

std::expected<ServerAccess, Refusal> read_access(const Json& wanted) {
  ServerAccess access;
  access.sets_access_ip_v4 = member(wanted, "accessIPv4") != nullptr;
  access.access_ip_v4 = text_at(wanted, "accessIPv4");
  access.sets_access_ip_v6 = member(wanted, "accessIPv6") != nullptr;
  access.access_ip_v6 = text_at(wanted, "accessIPv6");
  access.sets_auto_disk_config = member(wanted, "OS-DCF:diskConfig") != nullptr;
  access.auto_disk_config = text_at(wanted, "OS-DCF:diskConfig") == "AUTO";
  if (!access.access_ip_v4.empty() && !parse_ipv4(access.access_ip_v4))
    return std::unexpected(no_address("accessIPv4", wanted, "ipv4"));
  if (!access.access_ip_v6.empty() && !is_ipv6(access.access_ip_v6))
    return std::unexpected(no_address("accessIPv6", wanted, "ipv6"));
  access.access_ip_v6 = shortest_ipv6(access.access_ip_v6);
  return access;
}

}  // namespace kilonova::api::openstack
