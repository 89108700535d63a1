// GrpcQueue: gRPC's sockets as the event source of a loop. The loop's thread polls the one completion queue of its
// process, so that a message is read from its socket, handled and answered by one thread. gRPC has no thread that polls
// beside it: with one, gRPC would hand each socket's event from thread to thread.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/server_builder.h>

#include <memory>
#include <mutex>
#include <optional>

#include "rpc/loop/completion.h"
#include "runtime/event_source.h"

namespace kilonova::rpc {

// Tags are Completions. All members but wake() are for the loop's thread, or for the one that prepares and dismantles.
// Made before the first use of gRPC in a process: it configures it. Threads begin with it, so signals are blocked
// before.
class GrpcQueue final : public EventSource {
 public:
  GrpcQueue();
  // Operations must have ended, the server and the channels with them.
  ~GrpcQueue() override;

  grpc::ServerCompletionQueue& queue() { return *queue_; }
  // gRPC ties a queue to the builder of one server. The first call hands it out, later ones are an error.
  grpc::ServerBuilder& take_builder();

  void poll() override;
  void wait(std::optional<Instant> until) override;
  void wake() override;

 private:
  struct Event {
    Completion* completion;
    bool ok;
  };

  void woken(bool ok);
  std::optional<Event> take_next(gpr_timespec until);

  grpc::ServerBuilder builder_;
  bool builder_taken_ = false;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::optional<Event> waiting_;  // what wait() took out

  std::mutex mutex_;  // guards what follows
  grpc::Alarm alarm_;
  bool alarm_set_ = false;  // its completion is still to come
  MemberCompletion<GrpcQueue, &GrpcQueue::woken> woken_{this};
};

}  // namespace kilonova::rpc
