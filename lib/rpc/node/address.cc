#include "rpc/node/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace kilonova {
namespace {

class Socket {
 public:
  explicit Socket(int family) : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<Error> system_failure(ErrorCode code, const std::string& what) {
  return fail(code, fmt::format("{}: {}", what, std::strerror(errno)));
}

Expected<> claim_socket_file(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return system_failure(ErrorCode::kUnavailable, fmt::format("can't listen on unix:{}", path));
  }
  if (!S_ISSOCK(status.st_mode)) {
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("can't listen on unix:{}: the file exists and is no socket; name another path", path));
  }
  Socket probe(AF_UNIX);
  sockaddr_un target{};
  target.sun_family = AF_UNIX;
  std::memcpy(target.sun_path, path.c_str(), path.size() + 1);
  if (::connect(probe.fd(), reinterpret_cast<const sockaddr*>(&target), sizeof target) == 0 || errno != ECONNREFUSED) {
    return fail(ErrorCode::kAlreadyExists, fmt::format("unix:{} is in use: another process listens on it", path));
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return system_failure(ErrorCode::kUnavailable, fmt::format("can't remove the stale socket {}", path));
  }
  return {};
}

Expected<> claim_port(const ListenAddress& address) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (int failed = ::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found); failed != 0) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("can't listen on {}:{}: {}", address.host, address.port,
                                                         ::gai_strerror(failed)));
  }
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> results(found, &::freeaddrinfo);
  for (const addrinfo* one = results.get(); one != nullptr; one = one->ai_next) {
    Socket probe(one->ai_family);
    if (probe.fd() < 0) continue;  // a machine without IPv6
    int on = 1;
    ::setsockopt(probe.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (one->ai_family == AF_INET6) ::setsockopt(probe.fd(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (::bind(probe.fd(), one->ai_addr, one->ai_addrlen) == 0 && ::listen(probe.fd(), 1) == 0) continue;
    std::string name = fmt::format("{}:{}", address.host, address.port);
    if (errno == EADDRINUSE) {
      return fail(ErrorCode::kAlreadyExists, fmt::format("{} is in use: another process listens on it", name));
    }
    ErrorCode code = errno == EADDRNOTAVAIL ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable;
    return system_failure(code, fmt::format("can't listen on {}", name));
  }
  return {};
}

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
    if (parsed.socket_path.empty()) return fail(ErrorCode::kInvalidArgument, "'unix:' needs a path: unix:/path/to/socket");
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
    return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is no address: unix:/path or host:port (0 to 65535)", address));
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

Expected<> claim(const ListenAddress& address) {
  return address.is_unix() ? claim_socket_file(address.socket_path) : claim_port(address);
}

}  // namespace kilonova
