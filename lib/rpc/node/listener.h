// Listener: the one gRPC server of a process, on the loop's own thread. Serves the daemons' service, those its owner
// adds, the standard health service and reflection, each on every address it listens on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "rpc/loop/call_acceptor.h"
#include "rpc/loop/grpc_queue.h"
#include "rpc/node/doorkeeper.h"
#include "rpc/node/health_service.h"
#include "rpc/node/reflection_service.h"
#include "rpc/node/server_limits.h"
#include "rpc/node/tls.h"

namespace grpc {
class Server;
}

namespace kilonova {

// With its full name, "kilonova.v1.Cloud".
struct NamedService {
  rpc::CallService* service = nullptr;
  std::string name;
};

// Loop thread, or the one that prepares and dismantles. The queue must outlive it, and serve no other listener.
class Listener {
 public:
  explicit Listener(rpc::GrpcQueue& queue, const ServerLimits& limits = {}, Doorkeeper::Refused refused = {});
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  struct Door {
    std::string address;
    TlsPtr tls;  // null: none. Never for unix sockets, whose mode says who may come
  };

  // Opens all of them, or none. Errors name the address (listening_socket.h). The services must outlive the listener.
  // Health says NOT_SERVING until set_serving(true), for "" and for each service by its name. Unix sockets get mode
  // 0600.
  Expected<> start(const std::vector<Door>& doors, const std::vector<NamedService>& services);
  // Lets nobody in any more, gives the calls under way a moment, and those that come in it, and handles the queue until
  // all calls are over. Where clients go on calling, it ends their connections itself: what has no answer by then is
  // UNAVAILABLE for its client, as if this process had died. It may have been done, or not.
  void stop();
  void set_serving(bool serving);
  // From time to time: takes back calls whose request does not come (CallAcceptor::take_back_silent).
  void take_back_silent() { acceptor_.take_back_silent(); }
  // As given, but with the port that port 0 turned into.
  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  void add(const std::vector<NamedService>& services);
  // Whether they ended, and nobody called for a while.
  bool await_calls();

  rpc::GrpcQueue& queue_;
  ServerLimits limits_;
  Doorkeeper doorkeeper_;
  rpc::CallAcceptor acceptor_;
  HealthService health_;
  ReflectionService reflection_;
  std::vector<std::string> addresses_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace kilonova
