#include "api-server/front/grpc/call.h"

#include <fmt/format.h>

#include "api-server/front/grpc/request_meta.h"
#include "rpc/convert/status.h"

namespace kilonova::api {

UnaryCall::UnaryCall(std::unique_ptr<rpc::ServerCall> call, const Loop& loop, size_t& open)
    : meta(read_request_meta(call->context(), loop)), call_(std::move(call)), open_(open) {
  ++open_;
  call_->set_events(this);
}

UnaryCall::~UnaryCall() { --open_; }

void UnaryCall::receive(size_t max_bytes, Callback on_request) {
  max_bytes_ = max_bytes;
  on_request_ = std::move(on_request);
  call_->read_due(&bytes);
}

void UnaryCall::on_read(bool ok) {
  if (!ok) return finish(fail(ErrorCode::kInvalidArgument, "the call has no request"));
  if (bytes.Length() > max_bytes_)
    return finish(fail(ErrorCode::kResourceExhausted, fmt::format("{}: a request has at most {} bytes, not {}",
                                                                  call_->method(), max_bytes_, bytes.Length())));
  meta.bytes = bytes.Length();
  Callback on_request = std::move(on_request_);
  on_request();
}

void UnaryCall::on_cancelled() {
  if (!on_cancel_) return;
  Callback cancel = std::move(on_cancel_);
  cancel();
}

void UnaryCall::finish(Expected<> result) {
  call_->context().AddInitialMetadata(kRequestIdKey, request_id_text(meta));
  if (result)
    call_->finish_with(bytes);
  else
    call_->finish(rpc::to_status(result.error()));
}

}  // namespace kilonova::api
