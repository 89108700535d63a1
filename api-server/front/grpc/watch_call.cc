#include "api-server/front/grpc/watch_call.h"

#include <utility>

#include "api-server/front/grpc/raw_message.h"
#include "api-server/front/grpc/request_meta.h"
#include "base/check.h"
#include "rpc/convert/codecs.h"
#include "rpc/convert/nouns/servers.h"
#include "rpc/convert/status.h"

namespace kilonova::api {

WatchCall::WatchCall(grpc::CallbackServerContext& context, RequestMeta call_meta, WatchRequest watch_request,
                     Events events, std::atomic<size_t>& open)
    : meta(std::move(call_meta)),
      request(std::move(watch_request)),
      context_(context),
      events_(std::move(events)),
      open_(open) {
  ++open_;
  context_.AddInitialMetadata(kRequestIdKey, request_id_text(meta));
}

WatchCall::~WatchCall() { --open_; }

void WatchCall::write(const WatchBatch& batch, rpc::Audience audience, uint64_t write) {
  {
    std::lock_guard lock(mutex_);
    KN_CHECK(write_ == 0 && !finish_, "a watch writes one reply at a time, and none after its end");
    write_ = write;
  }
  reply_.Clear();
  for (const WatchEvent& event : batch.events) rpc::to_view(event, audience, reply_.add_events());
  for (const CloudEvent& event : batch.cloud_events) rpc::encode(event, reply_.add_cloud_events());
  reply_.set_revision(batch.position.revision);
  write_message(reply_, &bytes_);
  StartWrite(&bytes_);
}

void WatchCall::finish(Expected<> result) {
  grpc::Status status = result ? grpc::Status::OK : rpc::to_status(result.error());
  {
    std::lock_guard lock(mutex_);
    if (write_ != 0) {
      finish_ = std::move(status);
      return;
    }
  }
  Finish(std::move(status));
}

void WatchCall::OnWriteDone(bool ok) {
  uint64_t write = 0;
  std::optional<grpc::Status> finish;
  {
    std::lock_guard lock(mutex_);
    write = std::exchange(write_, 0);
    finish = std::exchange(finish_, std::nullopt);
  }
  if (finish)
    Finish(std::move(*finish));
  else
    events_.on_written(write, ok);
}

}  // namespace kilonova::api
