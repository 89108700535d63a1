// One client's stream of committed changes.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "api-server/core/client_request.h"
#include "api-server/core/watch_hub.h"
#include "base/error.h"
#include "kilonova/v1/cloud_servers.pb.h"
#include "rpc/convert/declare.h"

namespace kilonova::api {

// Like UnaryCall: lives until gRPC is done with it, and finish() must be called once. One write at a time.
class WatchCall final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  // Told on gRPC's threads, never after on_cancel's call: the write ended, good or bad; the client is gone.
  struct Events {
    std::function<void(uint64_t write, bool ok)> on_written;
    std::function<void()> on_cancel;
  };

  WatchCall(grpc::CallbackServerContext& context, RequestMeta call_meta, WatchRequest watch_request, Events events,
            std::atomic<size_t>& open);
  ~WatchCall() override;

  // Loop thread; not before the write before it ended.
  void write(const WatchBatch& batch, rpc::Audience audience, uint64_t write);
  // Any thread; the call may be gone when it returns. Waits for a write under way.
  void finish(Expected<> result);
  // Ends a write that the client does not take.
  void cancel() { context_.TryCancel(); }

  const RequestMeta meta;
  const WatchRequest request;

 private:
  void OnWriteDone(bool ok) override;
  void OnCancel() override { events_.on_cancel(); }
  void OnDone() override { delete this; }

  grpc::CallbackServerContext& context_;
  const Events events_;
  std::atomic<size_t>& open_;
  v1::WatchReply reply_;
  grpc::ByteBuffer bytes_;  // of the write under way

  std::mutex mutex_;  // guards what follows
  uint64_t write_ = 0;  // under way, 0 = none
  std::optional<grpc::Status> finish_;  // to come when the write has ended
};

}  // namespace kilonova::api
