#include "api-server/front/grpc/call.h"

#include "api-server/front/grpc/request_meta.h"
#include "rpc/convert/status.h"

namespace kilonova::api {

UnaryCall::UnaryCall(grpc::CallbackServerContext& context, RequestMeta call_meta, std::atomic<size_t>& open)
    : meta(std::move(call_meta)), context_(context), open_(open) {
  ++open_;
}

UnaryCall::~UnaryCall() { --open_; }

void UnaryCall::finish(Expected<> result) {
  context_.AddInitialMetadata(kRequestIdKey, request_id_text(meta));
  Finish(result ? grpc::Status::OK : rpc::to_status(result.error()));
}

}  // namespace kilonova::api
