// ListeningSocket: a socket of this process's own that others connect to. gRPC is given connections and no addresses: its
// own listener gives up for good when the process has no descriptor left, takes over a socket file that another process
// listens on, and names no reasons.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "rpc/node/address.h"

namespace kilonova {

// Closes its descriptor, and takes away the socket file that it made.
class ListeningSocket {
 public:
  ListeningSocket() = default;
  ListeningSocket(int fd, uint16_t port, std::string path) : fd_(fd), port_(port), path_(std::move(path)) {}
  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&& other) noexcept;
  ~ListeningSocket();

  int fd() const { return fd_; }  // does not block
  uint16_t port() const { return port_; }

 private:
  int fd_ = -1;
  uint16_t port_ = 0;
  std::string path_;  // of a unix socket
};

// One for each address that the host has; a unix socket's file gets mode 0600, and replaces that of a process that is
// gone. Errors name the address: kAlreadyExists when somebody listens there, or the path is no socket; kInvalidArgument
// when the host is unknown or not this machine's; kUnavailable for what else the system says. Blocks for a name look-up.
Expected<std::vector<ListeningSocket>> open_sockets(const ListenAddress& address);

}  // namespace kilonova
