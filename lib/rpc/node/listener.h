// Listener: the one gRPC server of a process. Serves the daemons' service, those its owner adds, the standard health
// service and reflection, each on every address it listens on. Loop thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "rpc/node/tls.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace kilonova {

// With its full name, "kilonova.v1.Cloud": what a client asks the health service for.
struct NamedService {
  grpc::Service* service = nullptr;
  std::string name;
};

class Listener {
 public:
  Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  struct Door {
    std::string address;
    TlsPtr tls;  // null: none. Never for unix sockets, whose mode says who may come
  };

  // Opens all of them, or none. Errors name the address (address.h). The services must outlive the listener.
  // Health says NOT_SERVING until set_serving(true), for "" and for each service by its name. Unix sockets get mode
  // 0600.
  Expected<> start(const std::vector<Door>& doors, const std::vector<NamedService>& services);
  // Refuses new calls, gives those under way a moment, then cancels them, and waits until their reactors are done.
  void stop();
  void set_serving(bool serving);
  // As given, but with the port that port 0 turned into.
  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  std::vector<std::string> addresses_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace kilonova
