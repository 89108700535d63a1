// Whose process is at the other end of a TCP connection within this machine.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace kilonova {

struct TcpEnd {
  std::string host;  // "127.0.0.1", "::1"
  uint16_t port = 0;
  bool operator==(const TcpEnd&) const = default;
};

// The user whose socket the client's end of this connection is, as the kernel says: sock_diag(7), or proc(5) where it
// has none. Nothing when the client is on another machine or gone, or the kernel does not say it. Any thread; some
// 20 µs, or a millisecond for each thousand of the machine's connections.
std::optional<uid_t> owner_of_client(const TcpEnd& client, const TcpEnd& server);

// The client is a process of this process's own user, or of root, who can be any user. `addresses`: where this process
// listens, "HOST:PORT". False when it is not known.
bool is_own_client(const TcpEnd& client, std::span<const std::string> addresses);

}  // namespace kilonova
