#include "rpc/node/server_stream.h"

#include <utility>

#include "rpc/node/limits.h"

namespace kilonova {

ServerStream::ServerStream(StreamEvents& events, Loop& loop, std::unique_ptr<rpc::ServerCall> call)
    : Stream(events), loop_(loop), call_(std::move(call)), remote_(call_->context().peer()) {
  call_->set_events(this);
}

void ServerStream::accept(StreamEvents& events, Loop& loop, std::unique_ptr<rpc::ServerCall> call) {
  auto stream = std::make_shared<ServerStream>(events, loop, std::move(call));
  stream->begin();
  stream->accepted();
}

// The status waits for a write under way, so that the dialer reads why; one that a frozen peer blocks is cancelled when
// the grace is over.
void ServerStream::end(const grpc::Status& status, bool) {
  if (call_->writing()) grace_ = loop_.call_after(kWriteGrace, [this] { call_->cancel(); });
  call_->finish(status);
}

void ServerStream::on_over() {
  loop_.cancel(grace_);
  call_.reset();  // others may hold the stream for longer, and the server waits for its calls
  finished(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the connection ended"));
}

void PeerService::accept(std::string_view method, std::unique_ptr<rpc::ServerCall>& call) {
  if (method == "Connect") ServerStream::accept(events_, loop_, std::move(call));
}

}  // namespace kilonova
