// HealthService: the standard grpc.health.v1.Health of a daemon. gRPC's own would run on threads of gRPC's, which poll
// beside the loop.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "rpc/loop/call_service.h"
#include "rpc/node/strangers.h"

namespace kilonova {

// Loop thread only.
class HealthService final : public rpc::CallService {
 public:
  HealthService();
  ~HealthService() override;

  // Known from here on, not serving. "" is known without it.
  void add(std::string service);
  // For all that it knows. Those who watch are told.
  void set_serving(bool serving);
  // Ends the calls under way, and those that still come.
  void stop();

  void accept(std::string_view method, std::unique_ptr<rpc::ServerCall>& call) override;

 private:
  class Call;

  bool knows(const std::string& service) const { return service.empty() || services_.contains(service); }

  std::set<std::string> services_;
  std::set<Call*> watches_;
  SourceCounts<std::string> strangers_{kStrangersCalls};
  bool serving_ = false;
  bool stopped_ = false;
};

}  // namespace kilonova
