#include "runtime/source_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

namespace kilonova {

std::string source_of_host(const std::string& host) {
  in_addr v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1)
    return ::ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET ? "ipv4:127.0.0.1" : "ipv4:" + host;
  in6_addr v6{};
  if (::inet_pton(AF_INET6, host.c_str(), &v6) != 1) return host;
  char text[INET6_ADDRSTRLEN] = {};
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return source_of_host(::inet_ntop(AF_INET, v6.s6_addr + 12, text, sizeof text));
  if (!IN6_IS_ADDR_LOOPBACK(&v6)) std::memset(v6.s6_addr + 8, 0, 8);
  return std::string("ipv6:") + ::inet_ntop(AF_INET6, &v6, text, sizeof text);
}

}  // namespace kilonova
