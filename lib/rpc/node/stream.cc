#include "rpc/node/stream.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <utility>

#include "base/check.h"
#include "rpc/convert/convert.h"
#include "rpc/convert/status.h"
#include "rpc/node/session.h"

namespace kilonova {
namespace {

Error error_of(const grpc::Status& status) {
  if (status.ok()) return {ErrorCode::kUnavailable, "the other side ended the stream"};
  return {rpc::from_grpc(status.error_code()), status.error_message()};
}

}  // namespace

Stream::Stream(StreamEvents& events) : events_(events) {}

Stream::~Stream() = default;

void Stream::begin() { self_ = shared_from_this(); }

void Stream::accepted() { events_.on_stream_accepted(self_); }

v1::Frame& Stream::new_frame() {
  KN_CHECK(open_ && !writing_, "a frame was begun while another is being written, or after the end");
  write_arena_.Reset();
  write_frame_ = google::protobuf::Arena::CreateMessage<v1::Frame>(&write_arena_);
  return *write_frame_;
}

void Stream::write() {
  KN_CHECK(open_ && !writing_ && write_frame_ != nullptr, "there is no frame to write");
  write_bytes_.Clear();
  bool own_buffer = false;
  grpc::Status encoded = grpc::SerializationTraits<v1::Frame>::Serialize(*write_frame_, &write_bytes_, &own_buffer);
  KN_CHECK(encoded.ok(), "a frame can't be encoded");
  write_frame_ = nullptr;
  writing_ = true;
  start_write(write_bytes_);
}

void Stream::close(const grpc::Status& status) {
  if (!open_) return;
  open_ = false;
  why_closed_ = error_of(status);
  end(status, true);
}

void Stream::read_next() {
  read_bytes_.Clear();
  start_read(&read_bytes_);
}

void Stream::read_finished(bool ok) {
  if (!open_) return;
  if (!ok) {
    open_ = false;
    end(grpc::Status(grpc::StatusCode::CANCELLED, "the dialer ended the stream"), false);
    return;
  }
  IncomingFrame frame;
  if (Expected<> decoded = decode(&frame); !decoded) {
    close(grpc::Status(rpc::to_grpc(decoded.error().code), decoded.error().message));
    return;
  }
  StreamPtr self = self_;  // the owner may stop, which waits for the stream's end
  events_.on_stream_frame(self, frame);
  if (open_) read_next();
}

Expected<> Stream::decode(IncomingFrame* frame) {
  if (read_bytes_.Length() > max_frame_bytes)
    return fail(ErrorCode::kInvalidArgument, "a frame has at most " + std::to_string(max_frame_bytes) +
                                                 " bytes here, not " + std::to_string(read_bytes_.Length()));
  read_arena_.Reset();
  auto* wire = google::protobuf::Arena::CreateMessage<v1::Frame>(&read_arena_);
  if (!grpc::SerializationTraits<v1::Frame>::Deserialize(&read_bytes_, wire).ok()) {
    return fail(ErrorCode::kInvalidArgument, "what arrived is no kilonova.v1.Frame");
  }
  if (wire->messages_size() > kMaxFrameMessages) {
    return fail(ErrorCode::kInvalidArgument, "a frame holds at most " + std::to_string(kMaxFrameMessages) +
                                                 " messages, not " + std::to_string(wire->messages_size()));
  }
  if (wire->has_hello()) frame->hello = std::move(*wire->mutable_hello());
  if (wire->has_directory()) frame->directory = std::move(*wire->mutable_directory());
  frame->proof = std::move(*wire->mutable_proof());
  frame->first_number = wire->first_number();
  frame->ack = wire->ack();
  frame->messages.reserve(wire->messages_size());
  for (const v1::Envelope& envelope : wire->messages()) {
    Expected<Message> message = rpc::from_proto(envelope);
    if (!message) return std::unexpected(std::move(message.error()));
    frame->messages.push_back(std::move(*message));
  }
  return {};
}

void Stream::write_finished() {
  // A write that failed counts as finished too: the reading side learns of the end.
  writing_ = false;
  if (!open_) return;
  StreamPtr self = self_;
  events_.on_stream_written(self);
}

void Stream::finished(const grpc::Status& status) {
  StreamPtr self = std::move(self_);
  events_.on_stream_closed(self, why_closed_ ? *why_closed_ : error_of(status));
}

}  // namespace kilonova
