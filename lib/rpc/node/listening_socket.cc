#include "rpc/node/listening_socket.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace kilonova {
namespace {

int make_socket(int family) { return ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

std::unexpected<Error> system_failure(ErrorCode code, const std::string& what) {
  return fail(code, fmt::format("{}: {}", what, std::strerror(errno)));
}

sockaddr_un socket_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

// Removes the socket file of a process that is gone.
Expected<> claim_socket_file(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return system_failure(ErrorCode::kUnavailable, fmt::format("can't listen on unix:{}", path));
  }
  if (!S_ISSOCK(status.st_mode)) {
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("can't listen on unix:{}: the file exists and is no socket; name another path", path));
  }
  ListeningSocket probe(make_socket(AF_UNIX), 0, "");
  sockaddr_un target = socket_address(path);
  if (::connect(probe.fd(), reinterpret_cast<const sockaddr*>(&target), sizeof target) == 0 || errno != ECONNREFUSED) {
    return fail(ErrorCode::kAlreadyExists, fmt::format("unix:{} is in use: another process listens on it", path));
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return system_failure(ErrorCode::kUnavailable, fmt::format("can't remove the stale socket {}", path));
  }
  return {};
}

Expected<std::vector<ListeningSocket>> open_socket_file(const std::string& path) {
  if (Expected<> free = claim_socket_file(path); !free) return std::unexpected(free.error());
  int fd = make_socket(AF_UNIX);
  sockaddr_un address = socket_address(path);
  mode_t before = ::umask(0177);  // from the moment the file exists
  bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::umask(before);
  ListeningSocket socket(fd, 0, bound ? path : "");
  if (!bound || ::listen(fd, SOMAXCONN) != 0)
    return system_failure(ErrorCode::kUnavailable, fmt::format("can't listen on unix:{}", path));
  std::vector<ListeningSocket> sockets;
  sockets.push_back(std::move(socket));
  return sockets;
}

uint16_t port_of(int fd) {
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length) != 0) return 0;
  return ::ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                             : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

// The port that the host's first address got is that of its others.
void set_port(addrinfo& address, uint16_t port) {
  if (address.ai_family == AF_INET6)
    reinterpret_cast<sockaddr_in6*>(address.ai_addr)->sin6_port = ::htons(port);
  else
    reinterpret_cast<sockaddr_in*>(address.ai_addr)->sin_port = ::htons(port);
}

Expected<std::vector<ListeningSocket>> open_ports(const ListenAddress& address) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  std::string name = fmt::format("{}:{}", address.host, address.port);
  if (int failed = ::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found); failed != 0)
    return fail(ErrorCode::kInvalidArgument, fmt::format("can't listen on {}: {}", name, ::gai_strerror(failed)));
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> results(found, &::freeaddrinfo);
  std::vector<ListeningSocket> sockets;
  for (addrinfo* one = results.get(); one != nullptr; one = one->ai_next) {
    if (one->ai_family != AF_INET && one->ai_family != AF_INET6) continue;
    int fd = make_socket(one->ai_family);
    if (fd < 0 && errno == EAFNOSUPPORT) continue;  // a machine without IPv6
    int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (one->ai_family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (!sockets.empty()) set_port(*one, sockets.front().port());
    if (fd >= 0 && ::bind(fd, one->ai_addr, one->ai_addrlen) == 0 && ::listen(fd, SOMAXCONN) == 0) {
      sockets.emplace_back(fd, port_of(fd), "");
      continue;
    }
    const int why = errno;
    ListeningSocket closed(fd, 0, "");
    if (why == EADDRINUSE)
      return fail(ErrorCode::kAlreadyExists, fmt::format("{} is in use: another process listens on it", name));
    ErrorCode code = why == EADDRNOTAVAIL ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable;
    return fail(code, fmt::format("can't listen on {}: {}", name, std::strerror(why)));
  }
  if (sockets.empty())
    return fail(ErrorCode::kInvalidArgument, fmt::format("can't listen on {}: it has no address here", name));
  return sockets;
}

}  // namespace

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), port_(other.port_), path_(std::exchange(other.path_, {})) {}

ListeningSocket& ListeningSocket::operator=(ListeningSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(port_, other.port_);
  std::swap(path_, other.path_);
  return *this;
}

ListeningSocket::~ListeningSocket() {
  if (!path_.empty()) ::unlink(path_.c_str());
  if (fd_ >= 0) ::close(fd_);
}

Expected<std::vector<ListeningSocket>> open_sockets(const ListenAddress& address) {
  return address.is_unix() ? open_socket_file(address.socket_path) : open_ports(address);
}

}  // namespace kilonova
