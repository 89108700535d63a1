// Unary calls of gRPC clients, from their arrival on a gRPC thread to their end.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <memory>
#include <utility>

#include "api-server/core/client_request.h"
#include "base/error.h"

namespace kilonova::api {

// A call under way. It lives until gRPC is done with it, and gets there only by finish(), which must be called once.
// Whoever holds it as a CallPtr can't forget that: dropping the pointer finishes the call with kUnavailable.
class UnaryCall : public grpc::ServerUnaryReactor {
 public:
  // `open` counts the calls that gRPC is not done with.
  UnaryCall(grpc::CallbackServerContext& context, RequestMeta call_meta, std::atomic<size_t>& open);
  ~UnaryCall() override;

  // Any thread; the call may be gone when it returns.
  void finish(Expected<> result);

  RequestMeta meta;

 private:
  void OnDone() override { delete this; }

  grpc::CallbackServerContext& context_;
  std::atomic<size_t>& open_;
};

template <class Call>
struct AbandonCall {
  void operator()(Call* call) const {
    call->finish(fail(ErrorCode::kUnavailable, "the api-server is shutting down"));
  }
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
