// GrpcFront: the public service kilonova.v1.Cloud over an ApiCore. Every call is a flow on the loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "api-server/core/api_core.h"
#include "runtime/loop.h"

namespace kilonova::rpc {
class CallService;
}

namespace kilonova::api {

struct GrpcFrontOptions {
  size_t max_calls = 10'000;   // unary calls at once; more are RESOURCE_EXHAUSTED before they are read
  size_t max_watches = 4'096;  // likewise
  size_t max_watches_of_user = 512;
  size_t max_watches_of_project = 1'024;
  Duration watch_idle = seconds(30);         // an empty reply tells a silent stream's revision
  Duration watch_write_limit = seconds(60);  // a client that takes nothing for so long is cut off
};

// Loop thread only. Loop and core must outlive it.
class GrpcFront {
 public:
  // The first one silences protobuf, which writes a line to standard error for each text of a client that is not UTF-8:
  // such a client is answered.
  GrpcFront(Loop& loop, ApiCore& core, GrpcFrontOptions options);
  GrpcFront(const GrpcFront&) = delete;
  GrpcFront& operator=(const GrpcFront&) = delete;
  // The server must have been shut down.
  ~GrpcFront();

  // For GrpcNode::add_service.
  rpc::CallService& service();
  // "kilonova.v1.Cloud"
  static std::string service_name();
  // Ends all calls with UNAVAILABLE, and new ones as they come. Call it when the loop has ended and before the server
  // is shut down, which waits for the calls.
  void stop();
  // Calls and watches that gRPC is not done with.
  size_t open_calls() const;

 private:
  class Service;
  std::unique_ptr<Service> service_;
};

}  // namespace kilonova::api
