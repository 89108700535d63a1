// CallAcceptor: takes in the calls of a server and hands each to the service that it names.
#pragma once

#include <grpcpp/generic/async_generic_service.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/time.h"
#include "rpc/loop/call_service.h"
#include "rpc/loop/completion.h"
#include "rpc/loop/grpc_queue.h"

namespace kilonova::rpc {

// Loop thread only. Must outlive the server, and idle() be true when it is destroyed.
class CallAcceptor {
 public:
  explicit CallAcceptor(GrpcQueue& queue) : queue_(queue) {}
  CallAcceptor(const CallAcceptor&) = delete;
  CallAcceptor& operator=(const CallAcceptor&) = delete;
  ~CallAcceptor();

  // Before start(): the services must outlive the acceptor. `name`: "kilonova.v1.Cloud".
  void add(std::string name, CallService& service) { services_[std::move(name)] = &service; }
  // For the server's builder.
  grpc::AsyncGenericService& generic_service() { return generic_; }
  // The server has started. A method that no service has is answered with UNIMPLEMENTED.
  void start();
  // To be called every few seconds: takes back the calls whose message was due at kPatience of these and the one before.
  void take_back_silent();
  static constexpr int kPatience = 5;

  // That have come and are not over.
  size_t calls() const { return book_.open; }
  // When the newest came, by the loop's clock.
  Instant last_arrival() const { return last_arrival_; }
  // The server has shut down, and every call is over and destroyed.
  bool idle() const { return !next_ && book_.open == 0; }

 private:
  void await_next();
  void arrived(bool ok);
  void dispatch(std::unique_ptr<ServerCall> call);

  GrpcQueue& queue_;
  std::map<std::string, CallService*, std::less<>> services_;
  grpc::AsyncGenericService generic_;
  std::unique_ptr<ServerCall> next_;
  ServerCall::Book book_;
  Instant last_arrival_;
  MemberCompletion<CallAcceptor, &CallAcceptor::arrived> arrived_{this};
};

}  // namespace kilonova::rpc
