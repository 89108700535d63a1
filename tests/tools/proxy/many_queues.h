// ManyQueues: the servers of several doors on one loop. gRPC ties a queue to one server, and a loop waits in one
// source.
#pragma once

#include <list>
#include <optional>

#include "rpc/loop/grpc_queue.h"
#include "runtime/event_source.h"

namespace kilonova::proxy {

// Whatever queue is waited in, gRPC reads all sockets of the process; what belongs to another queue is seen within a
// millisecond. Loop thread only, but for wake().
class ManyQueues final : public EventSource {
 public:
  ManyQueues() { add(); }

  rpc::GrpcQueue& add() { return queues_.emplace_back(); }

  void poll() override;
  void wait(std::optional<Instant> until) override;
  void wake() override { queues_.front().wake(); }

 private:
  std::list<rpc::GrpcQueue> queues_;  // stable addresses
};

}  // namespace kilonova::proxy
