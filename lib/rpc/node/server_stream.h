// ServerStream: a stream that another process dialed; PeerService: the gRPC service that accepts them. See stream.h for
// their life.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "rpc/loop/call_service.h"
#include "rpc/node/stream.h"
#include "runtime/loop.h"

namespace kilonova {

class ServerStream final : public Stream, private rpc::ServerCall::Events {
 public:
  // Reports the stream to its owner, which begins to read.
  static void accept(StreamEvents& events, Loop& loop, std::unique_ptr<rpc::ServerCall> call);

  ServerStream(StreamEvents& events, Loop& loop, std::unique_ptr<rpc::ServerCall> call);

  bool dialed() const override { return false; }
  std::string remote() const override { return remote_; }

 private:
  void start_read(grpc::ByteBuffer* bytes) override { call_->read(bytes); }
  void start_write(const grpc::ByteBuffer& bytes) override { call_->write(bytes); }
  void end(const grpc::Status& status, bool abort) override;

  void on_read(bool ok) override { read_finished(ok); }
  void on_written(bool) override { write_finished(); }
  void on_over() override;

  Loop& loop_;
  std::unique_ptr<rpc::ServerCall> call_;
  std::string remote_;
  TimerId grace_ = 0;  // of a write under way at the end
};

class PeerService final : public rpc::CallService {
 public:
  static constexpr const char* kName = "kilonova.v1.Peer";

  PeerService(StreamEvents& events, Loop& loop) : events_(events), loop_(loop) {}

  void accept(std::string_view method, std::unique_ptr<rpc::ServerCall>& call) override;

 private:
  StreamEvents& events_;
  Loop& loop_;
};

}  // namespace kilonova
