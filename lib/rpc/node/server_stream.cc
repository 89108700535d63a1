#include "rpc/node/server_stream.h"

#include <utility>

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
  bool wait_for_write = false;
  {
    std::lock_guard lock(mutex_);
    wait_for_write = write_under_way_;
    if (wait_for_write) {
      finish_after_write_ = status;
      cancelling_ = true;
    }
  }
  if (wait_for_write) {
    context_->TryCancel();  // valid: as long as cancelling_ is set, nobody else calls Finish()
    std::lock_guard lock(mutex_);
    cancelling_ = false;
    wait_for_write = write_under_way_;
  }
  if (!wait_for_write) Finish(status);
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
    Finish(*finish);
  } else {
    write_finished();
  }
}

void ServerStream::OnDone() {
  std::shared_ptr<Stream> self = std::move(never_begun_);
  if (!self) finished(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the connection ended"));
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* PeerService::Connect(grpc::CallbackServerContext* context) {
  auto stream = std::make_shared<ServerStream>(hub_, context);
  stream->accept();
  return stream.get();
}

}  // namespace kilonova
