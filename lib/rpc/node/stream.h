// Stream: one connection between two processes, dialed (ClientStream) or accepted (ServerStream). It moves frames and
// knows when it ends; what they mean is its owner's affair (node.h).
//
// All of it is on the loop, and a stream ends in one order only: it is closed, then gRPC reports it done. It keeps
// itself alive until then. A frame is decoded and handled before the next one is read, so that a slow loop pushes back
// on the sender through HTTP/2's flow control.
#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "domain/messages.h"
#include "kilonova/v1/peer.pb.h"
#include "rpc/node/limits.h"
#include "rpc/node/stream_events.h"

namespace kilonova {

struct Session;

// A frame after decoding.
struct IncomingFrame {
  std::optional<v1::Hello> hello;
  std::optional<v1::Directory> directory;
  std::string proof;
  uint64_t first_number = 0;
  uint64_t ack = 0;
  std::vector<Message> messages;
};

class Stream : public std::enable_shared_from_this<Stream> {
 public:
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream();

  // ---- for the owner

  // No close() so far, and the other side did not end it.
  bool open() const { return open_; }
  bool writing() const { return writing_; }
  // An empty frame to be filled and sent by write(). Open and not writing only; replaces the last frame.
  v1::Frame& new_frame();
  void write();
  // Ends the stream; of its events only on_stream_closed is still to come. A server's status goes to the dialer, a
  // dialer just leaves. Repeated calls do nothing.
  void close(const grpc::Status& status);
  // True on the side that dialed.
  virtual bool dialed() const = 0;
  // Address of the other end as gRPC knows it: "unix:", "ipv4:127.0.0.1:4711".
  virtual std::string remote() const = 0;

  // A frame that is longer ends the stream before it is decoded. The owner raises it for whom it knows.
  size_t max_frame_bytes = kMaxGreetingBytes;
  // Of a stream that was accepted, once.
  void begin_reading() { read_next(); }

  // What the owner remembers of this connection. Set by the owner, loop thread.
  std::unique_ptr<Session> session;

 protected:
  explicit Stream(StreamEvents& events);

  // Keeps the stream alive until finished().
  void begin();
  void accepted();
  void read_next();

  // Reactions. Each may stop the owner.
  void read_finished(bool ok);
  void write_finished();
  void finished(const grpc::Status& status);

  // Operations.
  // Bytes, not messages: so that what is no frame is refused with a reason, and frames live in arenas.
  virtual void start_read(grpc::ByteBuffer* bytes) = 0;
  virtual void start_write(const grpc::ByteBuffer& bytes) = 0;
  // The last operation. `abort`: also give up what is under way.
  virtual void end(const grpc::Status& status, bool abort) = 0;

 private:
  Expected<> decode(IncomingFrame* frame);

  StreamEvents& events_;

  grpc::ByteBuffer read_bytes_;
  google::protobuf::Arena read_arena_;

  grpc::ByteBuffer write_bytes_;
  google::protobuf::Arena write_arena_;
  v1::Frame* write_frame_ = nullptr;
  bool open_ = true;
  bool writing_ = false;
  std::optional<Error> why_closed_;  // where this side knows it better than gRPC's status says it

  std::shared_ptr<Stream> self_;  // from begin() to finished()
};

}  // namespace kilonova
