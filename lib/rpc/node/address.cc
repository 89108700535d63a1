#include "rpc/node/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>

#include "runtime/source_address.h"

namespace kilonova {
namespace {

// "127.example.com" is a name like any other.
bool is_local_host(const std::string& host) {
  in_addr ip{};
  if (::inet_pton(AF_INET, host.c_str(), &ip) == 1) return ::ntohl(ip.s_addr) >> 24 == IN_LOOPBACKNET;
  return host == "localhost" || host == "::1" || host == "ip6-localhost";
}

}  // namespace

Expected<ListenAddress> parse_listen_address(const std::string& address) {
  ListenAddress parsed;
  if (address.starts_with("unix:")) {
    parsed.socket_path = address.substr(address.starts_with("unix:///") ? 7 : 5);
    if (parsed.socket_path.empty())
      return fail(ErrorCode::kInvalidArgument, "'unix:' needs a path: unix:/path/to/socket");
    if (parsed.socket_path.size() > kMaxSocketPath) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("the socket path '{}' has {} bytes, the system allows {}: use a shorter directory",
                              parsed.socket_path, parsed.socket_path.size(), kMaxSocketPath));
    }
    return parsed;
  }
  size_t colon = address.rfind(':');
  std::string host = colon == std::string::npos ? "" : address.substr(0, colon);
  std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  bool digits = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
  if (host.empty() || !digits || std::stoul(port) > 65535) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is no address: unix:/path or host:port (0 to 65535)", address));
  }
  parsed.host = std::move(host);
  parsed.port = std::move(port);
  return parsed;
}

bool is_local(const ListenAddress& address) { return address.is_unix() || is_local_host(address.host); }

bool is_local_client(std::string_view remote) {
  return remote.starts_with("unix:") || remote.starts_with("ipv4:127.") || remote.starts_with("ipv6:%5B::1%5D:") ||
         remote.starts_with("ipv6:[::1]:") || remote.starts_with("ipv6:%5B::ffff:127.") ||
         remote.starts_with("ipv6:[::ffff:127.");
}

std::optional<TcpEnd> tcp_end_of(std::string_view remote) {
  if (!remote.starts_with("ipv4:") && !remote.starts_with("ipv6:")) return std::nullopt;
  size_t colon = remote.rfind(':');
  TcpEnd end{std::string(remote.substr(5, colon - std::min<size_t>(colon, 5)))};
  for (std::string_view bracket : {"%5B", "%5D", "[", "]"})
    if (size_t at = end.host.find(bracket); at != std::string::npos) end.host.erase(at, bracket.size());
  std::from_chars(remote.data() + colon + 1, remote.data() + remote.size(), end.port);
  return end;
}

std::string source_of(std::string_view remote) {
  std::optional<TcpEnd> end = tcp_end_of(remote);
  return end ? source_of_host(end->host) : std::string(remote);
}

}  // namespace kilonova
