#include "api-server/front/grpc/watch_call.h"

#include <fmt/format.h>

#include <utility>

#include "api-server/front/grpc/raw_message.h"
#include "api-server/front/grpc/request_meta.h"
#include "rpc/convert/codecs.h"
#include "rpc/convert/nouns/servers.h"
#include "rpc/convert/status.h"
#include "rpc/node/strangers.h"

namespace kilonova::api {

WatchCall::WatchCall(std::unique_ptr<rpc::ServerCall> call, const Loop& loop, size_t& open)
    : meta(read_request_meta(call->context(), loop)), call_(std::move(call)), open_(open) {
  ++open_;
  call_->set_events(this);
  call_->context().AddInitialMetadata(kRequestIdKey, request_id_text(meta));
}

WatchCall::~WatchCall() { --open_; }

void WatchCall::receive(Listeners listeners) {
  listeners_ = std::move(listeners);
  call_->read_due(&bytes_);
}

void WatchCall::on_read(bool ok) {
  auto on_request = std::move(listeners_.on_request);
  if (!ok) return on_request(fail(ErrorCode::kInvalidArgument, "the call has no request"));
  if (bytes_.Length() > kMaxStrangersBytes)
    return on_request(fail(ErrorCode::kResourceExhausted, fmt::format("a WatchRequest has at most {} bytes, not {}",
                                                                      kMaxStrangersBytes, bytes_.Length())));
  v1::WatchRequest request;
  if (Expected<> read = read_message(bytes_, &request); !read) return on_request(std::unexpected(read.error()));
  on_request(WatchRequest{request.since(), request.all_projects(), request.server(), request.stable_only(),
                          request.cloud_events(), request.generation()});
}

void WatchCall::write(const WatchBatch& batch, rpc::Audience audience, uint64_t write) {
  write_ = write;
  reply_.Clear();
  for (const WatchEvent& event : batch.events) rpc::to_view(event, audience, reply_.add_events());
  for (const CloudEvent& event : batch.cloud_events) rpc::encode(event, reply_.add_cloud_events());
  reply_.set_revision(batch.position.revision);
  reply_.set_generation(batch.position.generation);
  write_message(reply_, &bytes_);
  call_->write(bytes_);
}

void WatchCall::finish(Expected<> result) { call_->finish(result ? grpc::Status::OK : rpc::to_status(result.error())); }

}  // namespace kilonova::api
