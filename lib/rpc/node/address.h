// Addresses that daemons listen on: "unix:/path/to/socket" or "host:port"; and those of who comes there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "runtime/connection_owner.h"

namespace kilonova {

// sizeof(sockaddr_un::sun_path) less the terminating zero.
inline constexpr size_t kMaxSocketPath = 107;

struct ListenAddress {
  std::string socket_path;  // empty for TCP
  std::string host;
  std::string port;  // "0": any free one
  bool is_unix() const { return !socket_path.empty(); }
};

// kInvalidArgument for anything else, and for a socket path that is too long; the message names it.
Expected<ListenAddress> parse_listen_address(const std::string& address);

// Only processes of this machine reach it: a unix socket, localhost, 127.0.0.0/8, ::1.
bool is_local(const ListenAddress& address);
// The same for the address of a connected client as gRPC prints it ("unix:", "ipv4:127.0.0.1:4711", "ipv6:%5B::1%5D:80").
bool is_local_client(std::string_view remote);

// Of such an address of a TCP client, its host and port; nothing for others.
std::optional<TcpEnd> tcp_end_of(std::string_view remote);

// What of such an address counts as one source (runtime/source_address.h); unix sockets are one.
std::string source_of(std::string_view remote);

}  // namespace kilonova
