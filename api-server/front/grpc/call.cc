#include "api-server/front/grpc/call.h"

#include "api-server/front/grpc/request_meta.h"
#include "rpc/convert/status.h"

namespace kilonova::api {

UnaryCall::UnaryCall(std::unique_ptr<rpc::ServerCall> call, const Loop& loop, size_t& open)
    : meta(read_request_meta(call->context(), loop)), call_(std::move(call)), open_(open) {
  ++open_;
  call_->set_events(this);
}

UnaryCall::~UnaryCall() { --open_; }

void UnaryCall::receive(Callback on_request) {
  on_request_ = std::move(on_request);
  call_->read(&bytes);
}

void UnaryCall::on_read(bool ok) {
  if (!ok) return finish(fail(ErrorCode::kInvalidArgument, "the call has no request"));
  Callback on_request = std::move(on_request_);
  on_request();
}

void UnaryCall::finish(Expected<> result) {
  call_->context().AddInitialMetadata(kRequestIdKey, request_id_text(meta));
  if (result)
    call_->finish_with(bytes);
  else
    call_->finish(rpc::to_status(result.error()));
}

}  // namespace kilonova::api
