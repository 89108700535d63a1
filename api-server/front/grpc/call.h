// Unary calls of gRPC clients, from their arrival to their end.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "api-server/core/client_request.h"
#include "base/error.h"
#include "base/source_counts.h"
#include "rpc/loop/server_call.h"
#include "runtime/callback.h"
#include "runtime/loop.h"

namespace kilonova::api {

// A call under way, on the loop. It lives until gRPC is done with it, and gets there only by finish(), which must be
// called once. Whoever holds it as a CallPtr can't forget that: dropping the pointer finishes the call with
// kUnavailable.
class UnaryCall : private rpc::ServerCall::Events {
 public:
  // `open` counts the calls that gRPC is not done with.
  UnaryCall(std::unique_ptr<rpc::ServerCall> call, const Loop& loop, size_t& open);
  UnaryCall(const UnaryCall&) = delete;
  UnaryCall& operator=(const UnaryCall&) = delete;
  ~UnaryCall() override;

  // Calls the function when the request is there; the call ends by itself when none comes, or one of more bytes.
  void receive(size_t max_bytes, Callback on_request);
  // From here on the function is called when the client is gone before the call was finished.
  void on_cancel(Callback cancel) { on_cancel_ = std::move(cancel); }
  // The call may be gone when the loop's turn ends.
  void finish(Expected<> result);

  rpc::ServerCall& server_call() { return *call_; }
  RequestMeta meta;
  CountedSource<std::string> counted;  // what it is counted as while it lives
  grpc::ByteBuffer bytes;              // of the request, then of the reply

 private:
  void on_read(bool ok) override;
  void on_cancelled() override;
  void on_over() override { delete this; }

  std::unique_ptr<rpc::ServerCall> call_;
  Callback on_request_;
  Callback on_cancel_;
  size_t max_bytes_ = 0;
  size_t& open_;
};

template <class Call>
struct AbandonCall {
  void operator()(Call* call) const { call->finish(fail(ErrorCode::kUnavailable, "the api-server is shutting down")); }
};
template <class Call>
using CallPtr = std::unique_ptr<Call, AbandonCall<Call>>;

// The one way to end a call in good order.
template <class Call>
void finish(CallPtr<Call> call, Expected<> result) {
  call.release()->finish(std::move(result));
}

// An operation of kilonova.v1.Cloud that is an ApiRequest.
class OperationCall : public UnaryCall {
 public:
  using UnaryCall::UnaryCall;
  // Turns the response into the method's reply.
  virtual Expected<> fill(const ClientReply& reply) = 0;

  ClientRequest request;
};

}  // namespace kilonova::api
