// HttpServer: HTTP/1.1 on TCP ports, whose state is owned by the daemon's loop. A thread of its own waits for sockets
// and does nothing else; connections are flows on the loop (docs/adr/0016-http-on-the-loop.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "http/connection.h"
#include "http/tls_context.h"
#include "runtime/real_loop.h"

namespace kilonova::http {

struct ServerOptions {
  ConnectionOptions connection;
  // At once, and never more than half of the files that this process may open: the limit is raised as far as the system
  // lets it. When another one comes, the one that has been idle for longest is closed; while none is idle, new ones
  // wait in the system's queue.
  size_t max_connections = 4'096;
  // Of these from one address (0: a quarter). Beyond them the one of that address that has been idle for longest goes,
  // or the new one where none is.
  size_t max_of_source = 0;
};

// Loop thread, or the one that prepares or dismantles while no thread runs the loop. The loop must outlive it, and so
// must what the handler refers to.
class Server {
 public:
  Server(RealLoop& loop, Handler handler, ServerOptions options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // "host:port"; port 0 takes any that is free. May be called again for another address. Errors name the address:
  // kInvalidArgument when it is none or not this machine's, kAlreadyExists when another process listens there,
  // kUnavailable for what else the system says. Nothing listens there then. Blocks for a name look-up.
  Expected<> listen(const std::string& address, const TlsContext& tls);
  // Where it listens: "127.0.0.1:8774".
  std::vector<std::string> addresses() const;

  // Closes all connections, whatever they are doing, and listens no more. May be called again.
  void stop();

  size_t connections() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kilonova::http
