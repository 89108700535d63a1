// CallService: a gRPC service whose calls run on the loop.
#pragma once

#include <memory>
#include <string_view>

#include "rpc/loop/server_call.h"

namespace kilonova::rpc {

// Loop thread only.
class CallService {
 public:
  virtual ~CallService() = default;
  // Takes the call over; leaves it where it is when the service has no such method ("Login").
  virtual void accept(std::string_view method, std::unique_ptr<ServerCall>& call) = 0;
};

}  // namespace kilonova::rpc
