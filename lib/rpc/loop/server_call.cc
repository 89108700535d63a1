#include "rpc/loop/server_call.h"

#include "base/check.h"

namespace kilonova::rpc {

ServerCall::ServerCall(GrpcQueue& queue, Book& book) : queue_(queue), book_(book) {
  context_.AsyncNotifyWhenDone(&ended_);
}

ServerCall::~ServerCall() {
  KN_CHECK(under_way_ == 0, "a call was destroyed before it was over");
  if (begun_) --book_.open;
  book_.silent.erase(this);
}

void ServerCall::await(grpc::AsyncGenericService& service, Completion& completion) {
  service.RequestCall(&context_, &stream_, &queue_.queue(), &queue_.queue(), &completion);
}

void ServerCall::arrived() {
  begun_ = true;
  ++book_.open;
  under_way_ = 1;  // ended()
}

void ServerCall::read(grpc::ByteBuffer* bytes) {
  KN_CHECK(!finished_, "a call was read after its end");
  ++under_way_;
  stream_.Read(bytes, &read_done_);
}

void ServerCall::read_due(grpc::ByteBuffer* bytes) {
  found_silent = 0;
  book_.silent.insert(this);
  read(bytes);
}

void ServerCall::write(const grpc::ByteBuffer& bytes) {
  KN_CHECK(!finished_ && !writing_, "a call writes one message at a time, and none after its end");
  ++under_way_;
  writing_ = true;
  stream_.Write(bytes, &write_done_);
}

void ServerCall::finish(const grpc::Status& status) {
  KN_CHECK(!finished_, "a call ends once");
  finished_ = true;
  if (writing_) {
    after_write_ = status;
    return;
  }
  ++under_way_;
  stream_.Finish(status, &finish_done_);
}

void ServerCall::finish_with(const grpc::ByteBuffer& bytes) {
  KN_CHECK(!finished_ && !writing_, "a call ends once, and not while it writes");
  finished_ = true;
  ++under_way_;
  stream_.WriteAndFinish(bytes, grpc::WriteOptions(), grpc::Status::OK, &finish_done_);
}

// Each of these may destroy the call with its last line.

void ServerCall::read_done(bool ok) {
  --under_way_;
  book_.silent.erase(this);
  if (finished_) return look_whether_over();
  events_->on_read(ok);
}

void ServerCall::write_done(bool ok) {
  --under_way_;
  writing_ = false;
  if (after_write_) {
    ++under_way_;
    stream_.Finish(*after_write_, &finish_done_);
    after_write_.reset();
    return;
  }
  events_->on_written(ok);
}

void ServerCall::finish_done(bool) {
  --under_way_;
  look_whether_over();
}

// Everything has been sent, or the client is gone.
void ServerCall::ended(bool) {
  --under_way_;
  if (finished_) return look_whether_over();
  events_->on_cancelled();
}

void ServerCall::look_whether_over() {
  if (under_way_ == 0) events_->on_over();
}

}  // namespace kilonova::rpc
