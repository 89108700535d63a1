#include "rpc/node/server_stream.h"

#include <chrono>
#include <utility>

#include "rpc/node/limits.h"

namespace kilonova {

ServerStream::ServerStream(std::shared_ptr<StreamHub> hub, grpc::CallbackServerContext* context)
    : Stream(std::move(hub)), context_(context), remote_(context->peer()) {}

void ServerStream::accept() {
  if (!begin()) {
    never_begun_ = shared_from_this();
    Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the daemon is stopping"));
    return;
  }
  report_accepted();
  read_next();
}

void ServerStream::start_write(const grpc::ByteBuffer* bytes) {
  {
    std::lock_guard lock(mutex_);
    write_under_way_ = true;
  }
  StartWrite(bytes);
}

void ServerStream::end(const grpc::Status& status, bool) {
  {
    std::lock_guard lock(mutex_);
    if (write_under_way_) {
      finish_after_write_ = status;
      grace_set_ = true;
      grace_.Set(std::chrono::system_clock::now() + std::chrono::microseconds(kWriteGrace.us),
                 [this](bool) { grace_is_over(); });
      return;
    }
  }
  Finish(status);
}

void ServerStream::OnWriteDone(bool) {
  std::optional<grpc::Status> finish;
  {
    std::lock_guard lock(mutex_);
    write_under_way_ = false;
    if (cancelling_) return;
    finish.swap(finish_after_write_);
  }
  if (finish) {
    grace_.Cancel();
    Finish(*finish);
  } else {
    write_finished();
  }
}

// Also called early, when the write was done in time.
void ServerStream::grace_is_over() {
  bool blocked = false;
  {
    std::lock_guard lock(mutex_);
    blocked = cancelling_ = write_under_way_;
  }
  if (blocked) {
    context_->TryCancel();  // valid: as long as cancelling_ is set, nobody else calls Finish()
    std::optional<grpc::Status> finish;
    {
      std::lock_guard lock(mutex_);
      cancelling_ = false;
      if (!write_under_way_) finish.swap(finish_after_write_);
    }
    if (finish) Finish(*finish);
  }
  bool done = false;
  {
    std::lock_guard lock(mutex_);
    grace_set_ = false;
    done = done_;
  }
  if (done) finished(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the connection ended"));
}

void ServerStream::OnDone() {
  if (std::shared_ptr<Stream> self = std::move(never_begun_)) return;
  {
    std::lock_guard lock(mutex_);
    done_ = true;
    if (grace_set_) return;
  }
  finished(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the connection ended"));
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* PeerService::Connect(
    grpc::CallbackServerContext* context) {
  auto stream = std::make_shared<ServerStream>(hub_, context);
  stream->accept();
  return stream.get();
}

}  // namespace kilonova
