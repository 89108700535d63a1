// Addresses that daemons listen on: "unix:/path/to/socket" or "host:port". Claiming one finds out, before gRPC opens it,
// whether it can be had: gRPC itself takes over a socket file that another process listens on, and names no reasons.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

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

// Removes the socket file of a process that is gone. Errors name the address: kAlreadyExists when somebody listens there,
// or the path is no socket; kInvalidArgument when the host is unknown or not this machine's; kUnavailable for what else
// the system says. Blocks for a name look-up.
Expected<> claim(const ListenAddress& address);

}  // namespace kilonova
