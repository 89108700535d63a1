// One client's stream of committed changes.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "api-server/core/client_request.h"
#include "api-server/core/watch_hub.h"
#include "base/error.h"
#include "base/source_counts.h"
#include "kilonova/v1/cloud_servers.pb.h"
#include "rpc/convert/declare.h"
#include "rpc/loop/server_call.h"
#include "runtime/loop.h"

namespace kilonova::api {

// Like UnaryCall: on the loop, lives until gRPC is done with it, and finish() must be called once. One write at a time.
class WatchCall final : private rpc::ServerCall::Events {
 public:
  // None after finish(). The client's request is there, if it can be read; the write ended, good or bad; the client is
  // gone.
  struct Listeners {
    std::function<void(Expected<WatchRequest> request)> on_request;
    std::function<void(uint64_t write, bool ok)> on_written;
    std::function<void()> on_cancel;
  };

  WatchCall(std::unique_ptr<rpc::ServerCall> call, const Loop& loop, size_t& open);
  WatchCall(const WatchCall&) = delete;
  WatchCall& operator=(const WatchCall&) = delete;
  ~WatchCall() override;

  void receive(Listeners listeners);
  // Not before the write before it ended.
  void write(const WatchBatch& batch, rpc::Audience audience, uint64_t write);
  // Waits for a write under way. The call may be gone when the loop's turn ends.
  void finish(Expected<> result);
  // Ends a write that the client does not take.
  void cancel() { call_->cancel(); }

  const RequestMeta meta;
  CountedSource<Uuid> counted_user, counted_project;  // what it is counted as while it lives

 private:
  void on_read(bool ok) override;
  void on_written(bool ok) override { listeners_.on_written(std::exchange(write_, 0), ok); }
  void on_cancelled() override { listeners_.on_cancel(); }
  void on_over() override { delete this; }

  std::unique_ptr<rpc::ServerCall> call_;
  Listeners listeners_;
  size_t& open_;
  v1::WatchReply reply_;
  grpc::ByteBuffer bytes_;  // of the request, then of the write under way
  uint64_t write_ = 0;      // under way, 0 = none
};

}  // namespace kilonova::api
