// ReflectionService: the standard grpc.reflection.v1alpha.ServerReflection of a daemon, over the descriptors that are
// linked into it. gRPC's own would run on threads of gRPC's, which poll beside the loop.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/loop/call_service.h"
#include "rpc/node/strangers.h"

namespace kilonova {

// Loop thread only.
class ReflectionService final : public rpc::CallService {
 public:
  // Listed from here on, by its full name.
  void add(std::string service) { services_.push_back(std::move(service)); }

  void accept(std::string_view method, std::unique_ptr<rpc::ServerCall>& call) override;

 private:
  class Call;

  std::vector<std::string> services_;
  SourceCounts<std::string> strangers_{kStrangersCalls};
};

}  // namespace kilonova
